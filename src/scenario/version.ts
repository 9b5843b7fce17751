/** Version of Windtunnel, part of every prediction's provenance; a test keeps it equal to package.json. */
export const version = "0.1.0";

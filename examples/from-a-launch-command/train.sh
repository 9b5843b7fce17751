#!/bin/bash
#SBATCH --job-name=llama70b
#SBATCH --nodes=32
#SBATCH --gpus-per-node=8
#SBATCH --time=24:00:00

# Llama 70B on 32 nodes: what a user of Megatron-LM runs today.
TP=${TP:-8}
PP=4
MICRO_BATCH=1
ACCUMULATION=32
DATA=$((SLURM_NNODES * 8 / (TP * PP)))

MODEL_ARGS=(
  --num-layers 80
  --hidden-size 8192
  --ffn-hidden-size 28672
  --num-attention-heads 64
  --group-query-attention
  --num-query-groups 8
  --swiglu
  --normalization RMSNorm
  --position-embedding-type rope
  --untie-embeddings-and-output-weights
  --disable-bias-linear
  --attention-dropout 0.0
  --hidden-dropout 0.0
  --seq-length 8192
  --max-position-embeddings 8192
  --tokenizer-type HuggingFaceTokenizer
  --tokenizer-model meta-llama/Llama-3.1-70B
)

PARALLEL_ARGS="--tensor-model-parallel-size $TP --pipeline-model-parallel-size $PP --sequence-parallel"
if [ "$PP" -gt 1 ]; then
  PARALLEL_ARGS+=" --num-layers-per-virtual-pipeline-stage 5"
fi

TRAINING_ARGS=(
  --micro-batch-size $MICRO_BATCH
  --global-batch-size $((MICRO_BATCH * ACCUMULATION * DATA))
  --train-samples 12207032
  --lr 1.5e-4
  --min-lr 1.5e-5
  --bf16
  --recompute-activations
  --use-distributed-optimizer
  --overlap-grad-reduce
  --overlap-param-gather
  --cross-entropy-loss-fusion
  --log-interval 10
  --save /checkpoints/llama70b
  --save-interval 1000
)

srun torchrun --nproc_per_node 8 --nnodes $SLURM_NNODES --rdzv_backend c10d --rdzv_endpoint $HEAD:29500 \
  pretrain_gpt.py "${MODEL_ARGS[@]}" $PARALLEL_ARGS "${TRAINING_ARGS[@]}" --defer-embedding-wgrad-compute

package io.sparkformer.model.graph;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.config.NormPosition;
import io.sparkformer.model.config.TiedEmbeddings;
import io.sparkformer.model.config.TransformerConfig;

/**
 * The most native memory, in bytes, that a network takes while it is trained, predicted from its configuration. An upper bound: all
 * sentences of the largest micro-batch as long as the longest. Below, {@code S} and {@code T} are source and target tokens, {@code d} is
 * d_model, {@code N} the number of layers of a stack.
 *
 * @param parameters 4 for each
 * @param gradients 4 for each
 * @param derivedWeights what products in bfloat16 or 8-bit integers derive from the weights once an update
 * @param activations outputs of the vertices, in DL4J's workspace: each has S d or T d elements
 * @param activationGradients gradients of all vertices' inputs: DL4J gives each vertex a workspace of its own, and keeps it
 * @param kept what kernels keep from forward to backward: projections, attention weights, inner and normalized activations
 * @param scratch what kernels use within one call: gradients of the kept, a slab of logits, and memory of each thread
 */
public record ModelMemory(long parameters, long gradients, long derivedWeights, long activations, long activationGradients, long kept,
    long scratch) {
  /** Elements of one slab of logits; see {@code kernel.cpu}. */
  private static final long SLAB_ELEMENTS = 1 << 24;
  private static final long INT8_SLAB_ELEMENTS = 1 << 25;
  /** Rows of the logits, or of inner activations, of one thread, before they are rounded. */
  private static final long DRAFT_ROWS = 256;
  /** Outputs of which one thread makes the weight gradient: it transposes those in bfloat16, and makes the sums of 8-bit integers. */
  private static final long GRADIENT_OUTPUTS = 256;
  /** Inputs of these sums. */
  private static final long SUMMED_INPUTS = 512;
  /** Operands in bfloat16 have rows up to the next multiple of this. */
  private static final long OPERAND_ROWS = 256;
  /** Attention weights have columns up to the next multiple of this: the widest vector. */
  private static final long LANES = 16;
  /** oneDNN's own, for each thread: packed pieces of both inputs of a product, and primitives. */
  private static final long LIBRARY_BYTES_OF_THREAD = 4 << 20;
  /** Room that DL4J's workspaces take beyond the largest use seen: 5 %, of gradients 2 %, and what alignment costs. */
  private static final double WORKSPACE_MARGIN = 1.06;
  /** Elements for each token and d_model, and for each attention weight, that the portable kernels use within one vertex. */
  private static final int PORTABLE_ROWS = 16;
  private static final int PORTABLE_WEIGHTS = 6;
  /** Most elements of one block of their logits, and the arrays of that size that there are at a time. */
  private static final long PORTABLE_BLOCK_ELEMENTS = 1 << 22;
  private static final int PORTABLE_BLOCKS = 3;

  /** @param threads of one worker */
  public static ModelMemory of(TransformerConfig config, MicroBatchSize batch, ProductMemory products, int threads) {
    Terms terms = new Terms(config, batch, products, threads);
    long parameters = Float.BYTES * terms.parameters();
    return new ModelMemory(parameters, parameters, terms.derivedWeights(), terms.activations(), terms.activationGradients(), terms.kept(),
        terms.scratch());
  }

  /** All but parameters and gradients. */
  public long working() {
    return derivedWeights + activations + activationGradients + kept + scratch;
  }

  public long total() {
    return parameters + gradients + working();
  }

  private record Terms(TransformerConfig config, MicroBatchSize batch, ProductMemory products, long threads) {
    private long s() {
      return batch.sourceTokens();
    }

    private long t() {
      return batch.targetTokens();
    }

    private long most() {
      return Math.max(s(), t());
    }

    private long d() {
      return config.dModel();
    }

    private boolean isPre() {
      return config.norm() == NormPosition.PRE;
    }

    long parameters() {
      long attention = 4 * d() * d() + 4 * d();
      long feedForward = 2 * d() * config.ffn() + config.ffn() + d();
      long norm = 2 * d();
      return tables() * config.vocabulary() * d()
          + config.encoderLayers() * (attention + feedForward + 2 * norm)
          + config.decoderLayers() * (2 * attention + feedForward + 3 * norm)
          + (isPre() ? 2 * norm : 0);
    }

    /** Embeddings and output projection, without those that share one's memory. */
    private int tables() {
      return switch (config.tiedEmbeddings()) {
        case ALL -> 1;
        case DECODER -> 2;
        case NONE -> 3;
      };
    }

    /** Of every linear layer and the output projection; and plain rounded weights of one, on their way into a packed layout. */
    long derivedWeights() {
      long embeddingsOnly = config.tiedEmbeddings() == TiedEmbeddings.ALL ? 0 : (tables() - 1L) * config.vocabulary() * d();
      long largest = Math.max(config.vocabulary(), Math.max(3 * d(), config.ffn())) + OPERAND_ROWS;
      long staging = products == ProductMemory.BFLOAT16 ? 2 * largest * Math.max(d(), config.ffn()) : 0;
      return products.weightBytes() * (parameters() - embeddingsOnly) + staging;
    }

    long activations() {
      long elements = d() * (s() * rowsOfStack(config.encoderLayers(), 2) + t() * rowsOfStack(config.decoderLayers(), 3));
      if (products == ProductMemory.PORTABLE) {
        elements += portableKept();
      }
      return (long) (WORKSPACE_MARGIN * Float.BYTES * elements);
    }

    /** The embedding; of every sub-layer its own output, the norm or residual sum after it and, if pre-norm, the norm before it. */
    private long rowsOfStack(long layers, long subLayers) {
      return 1 + layers * subLayers * (isPre() ? 3 : 2) + (isPre() ? 1 : 0);
    }

    /** Of a sub-layer the gradient of its input, of the residual sum two, of a norm before it one; and of cross-attention's memory. */
    long activationGradients() {
      long ofSubLayer = isPre() ? 4 : 3;
      long ofStackEnd = isPre() ? 1 : 0;
      long source = 2 * ofSubLayer * config.encoderLayers() + config.decoderLayers() + ofStackEnd;
      long target = 3 * ofSubLayer * config.decoderLayers() + ofStackEnd + 1;
      return (long) (WORKSPACE_MARGIN * Float.BYTES * d() * (source * s() + target * t()));
    }

    /** Elements that every sub-layer keeps in every implementation: {@code [heads, key_time, query_time]} of each sentence. */
    private long attentionWeights() {
      long ofSource = s() * padded(batch.longestSource(), LANES);
      long ofTarget = t() * padded(batch.longestTarget(), LANES);
      long ofCross = Math.max(s() * padded(batch.longestTarget(), LANES), t() * batch.longestSource());
      return config.heads() * (config.encoderLayers() * ofSource + config.decoderLayers() * (ofTarget + ofCross));
    }

    private long normalized() {
      long inEncoder = 2L * config.encoderLayers() + (isPre() ? 1 : 0);
      long inDecoder = 3L * config.decoderLayers() + (isPre() ? 1 : 0);
      return d() * (inEncoder * s() + inDecoder * t());
    }

    /** Token rows that go through feed-forward layers. */
    private long feedForwardRows() {
      return config.encoderLayers() * s() + config.decoderLayers() * t();
    }

    private long portableKept() {
      long projections = d() * (4L * config.encoderLayers() * s() + config.decoderLayers() * (6 * t() + 2 * s()));
      long inner = feedForwardRows() * config.ffn() * (config.activation() == Activation.GELU ? 2 : 1);
      return projections + attentionWeights() + normalized() + inner;
    }

    long kept() {
      long positions = 2L * config.maxLength() * d();
      if (products == ProductMemory.PORTABLE) {
        return Float.BYTES * positions;
      }
      // Query, key and value; the context that the output projection reads.
      long projections = d() * (4L * config.encoderLayers() * s() + config.decoderLayers() * (4 * t() + 2 * t() + 2 * s()));
      long sums = config.activation() == Activation.GELU ? feedForwardRows() * config.ffn() : 0;
      // Copies of what goes into every product: a sub-layer's input (cross-attention has two), the context.
      long source = operandRows(s());
      long target = operandRows(t());
      long operands = d() * (3L * config.encoderLayers() * source + config.decoderLayers() * (5 * target + source));
      long inner = config.ffn() * (config.encoderLayers() * source + config.decoderLayers() * target);
      long rows = 4 * config.encoderLayers() * padded(s(), LANES) + config.decoderLayers() * (6 * padded(t(), LANES) + padded(s(), LANES));
      return Float.BYTES * (positions + projections + attentionWeights() + normalized() + sums)
          + products.operandBytes() * operands + products.onlyOperandBytes() * inner + products.rowBytes() * rows;
    }

    private long operandRows(long rows) {
      return products == ProductMemory.BFLOAT16 ? padded(rows, OPERAND_ROWS) : rows;
    }

    long scratch() {
      if (products == ProductMemory.PORTABLE) {
        long weights = config.heads() * most() * Math.max(batch.longestSource(), batch.longestTarget());
        long inVertex = Math.max(PORTABLE_ROWS * most() * d() + PORTABLE_WEIGHTS * weights, 6 * most() * config.ffn());
        long logits = PORTABLE_BLOCKS * Math.min(PORTABLE_BLOCK_ELEMENTS, t() * config.vocabulary());
        return (long) (WORKSPACE_MARGIN * Float.BYTES * Math.max(inVertex, logits));
      }
      return shared() + threads * ofThread();
    }

    private long shared() {
      long rows = operandRows(most());
      long slabElements = products == ProductMemory.INT8 ? INT8_SLAB_ELEMENTS : SLAB_ELEMENTS;
      long slab = Math.min(operandRows(t()), Math.max(slabElements / config.vocabulary(), OPERAND_ROWS)) * config.vocabulary();
      // The gradients of the context, of the inner activations, or of a slab of logits, one after another in the same memory.
      long first = Math.max(Float.BYTES * most() * d(), products.onlyOperandBytes() * Math.max(rows * config.ffn(), slab));
      // The gradients of query, key and value, in self-attention or cross-attention.
      long projections = d() * Math.max(3 * most(), t() + 2 * s());
      // Their copies and that of the output's gradient; and, packed, the inputs of the products that give weight gradients.
      long operands = products.operandBytes() * (projections + 3 * OPERAND_ROWS * d() + rows * d());
      long packed = products == ProductMemory.BFLOAT16 ? 2 * rows * (Math.max(d(), config.ffn()) + 2 * d()) : 0;
      long scales = products.rowBytes() * 6 * padded(most(), LANES);
      return first + Float.BYTES * projections + operands + packed + scales + callersDraft();
    }

    /** Of inner activations where there are fewer blocks of rows than threads: one thread has them all. */
    private long callersDraft() {
      return products.hasDrafts() ? Float.BYTES * Math.min(most(), DRAFT_ROWS * (threads - 1)) * config.ffn() : 0;
    }

    private long ofThread() {
      if (!products.hasDrafts()) {
        return LIBRARY_BYTES_OF_THREAD;
      }
      long draft = Float.BYTES * DRAFT_ROWS * Math.max(config.vocabulary(), config.ffn());
      long gradients = products == ProductMemory.INT8 ? Float.BYTES * SUMMED_INPUTS : 2 * operandRows(most());
      return LIBRARY_BYTES_OF_THREAD + draft + GRADIENT_OUTPUTS * gradients;
    }

    private static long padded(long length, long multiple) {
      return (length + multiple - 1) / multiple * multiple;
    }
  }
}

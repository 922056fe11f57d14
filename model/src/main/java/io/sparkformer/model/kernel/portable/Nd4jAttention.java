package io.sparkformer.model.kernel.portable;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.Forward;
import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Space;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The projections are products over all tokens; between them one sequence is computed after another, by {@link SequenceAttention}. A
 * training pass keeps queries, keys, values and the context that the output projection reads; the backward pass computes the attention
 * weights again.
 */
final class Nd4jAttention implements AttentionKernel {
  private final HeadProjection query;
  private final HeadProjection key;
  private final HeadProjection value;
  private final Nd4jLinear output;
  private final AttentionConfig config;
  private final SequenceAttention sequences;
  private final Nd4jMemory memory;

  Nd4jAttention(AttentionWeights weights, AttentionConfig config, Dropout dropout, Nd4jMemory memory) {
    int keys = config.queryWidth();
    int values = keys + config.keyValueWidth();
    RotaryTurning turning = config.positions() instanceof AttentionPositions.Rotary rotary
        ? new RotaryTurning(rotary, config.headWidth()) : null;
    Nd4jLinear keyLinear = Nd4jLinear.ofRows(weights.input(), weights.inputBias(), keys, values);
    this.query = new HeadProjection(Nd4jLinear.ofRows(weights.input(), weights.inputBias(), 0, keys), turning);
    this.key = new HeadProjection(turning == null ? keyLinear.withFrozenBias() : keyLinear, turning);
    this.value = new HeadProjection(Nd4jLinear.ofRows(weights.input(), weights.inputBias(), values, config.inputWidth()), null);
    this.output = new Nd4jLinear(weights.output(), weights.outputBias());
    this.config = config;
    this.sequences = new SequenceAttention(config, new ScoreBias(config, weights.relative()), dropout);
    this.memory = memory;
  }

  /** What the backward pass reads. Queries and context are {@code [query tokens, ...]}, keys and values {@code [source tokens, ...]}. */
  private record Kept(INDArray x, Segments segments, INDArray source, Segments sourceSegments, INDArray q, INDArray k, INDArray v,
      INDArray context, Pass pass) {}

  @Override
  public Forward forward(INDArray x, Segments segments, INDArray source, Segments sourceSegments, Pass pass, Space space) {
    if (segments.sentences() != sourceSegments.sentences()) {
      throw new IllegalArgumentException("Queries are of %d sequences, keys of %d"
          .formatted(segments.sentences(), sourceSegments.sentences()));
    }
    INDArray out = space.array(x.dataType(), x.size(0), output.out());
    INDArray q = query.forward(x, segments, null, memory.kept(pass, x.dataType(), x.size(0), query.out()));
    INDArray k = key.forward(source, sourceSegments, null, memory.kept(pass, x.dataType(), source.size(0), key.out()));
    INDArray v = value.forward(source, sourceSegments, null, memory.kept(pass, x.dataType(), source.size(0), value.out()));
    INDArray context = memory.kept(pass, x.dataType(), q.shape());
    Kept kept = new Kept(x, segments, source, sourceSegments, q, k, v, context, pass);
    for (int s = 0; s < segments.sentences(); s++) {
      if (segments.length(s) > 0) {
        of(context, segments, s).assign(sequences.context(sequence(kept, s)));
      }
    }
    output.forward(context, out);
    return pass.isTraining() ? new Forward(out, (gradient, gradients) -> backward(kept, gradient, gradients)) : Forward.inference(out);
  }

  private INDArray[] backward(Kept kept, INDArray outputGradient, Space space) {
    boolean self = kept.x == kept.source;
    INDArray xGradient = space.array(outputGradient.dataType(), kept.x.shape());
    INDArray sourceGradient = self ? null : space.array(outputGradient.dataType(), kept.source.shape());
    output.addGradients(outputGradient, kept.context);
    INDArray contextGradient = output.inputGradient(outputGradient, like(kept.context));
    INDArray qGradient = like(kept.q);
    INDArray kGradient = like(kept.k).assign(0);
    INDArray vGradient = like(kept.v).assign(0);
    for (int s = 0; s < kept.segments.sentences(); s++) {
      if (kept.segments.length(s) > 0) {
        SequenceAttention.Gradients gradients = sequences.gradients(sequence(kept, s), of(contextGradient, kept.segments, s));
        of(qGradient, kept.segments, s).assign(gradients.q());
        of(kGradient, kept.sourceSegments, s).assign(gradients.k());
        of(vGradient, kept.sourceSegments, s).assign(gradients.v());
      }
    }
    query.backward(qGradient, kept.x, kept.segments, xGradient);
    INDArray ofKeys = key.backward(kGradient, kept.source, kept.sourceSegments, like(kept.source));
    INDArray ofValues = value.backward(vGradient, kept.source, kept.sourceSegments, like(kept.source));
    if (self) {
      xGradient.addi(ofKeys).addi(ofValues);
      return new INDArray[] {xGradient};
    }
    sourceGradient.assign(ofKeys).addi(ofValues);
    return new INDArray[] {xGradient, sourceGradient};
  }

  private static SequenceAttention.Sequence sequence(Kept kept, int s) {
    return new SequenceAttention.Sequence(of(kept.q, kept.segments, s), of(kept.k, kept.sourceSegments, s),
        of(kept.v, kept.sourceSegments, s), 0, kept.pass, (long) kept.segments.firstToken() + kept.segments.start(s));
  }

  @Override
  public KeyValueCache emptyCache(int rows) {
    return Nd4jKeyValueCache.empty(rows);
  }

  @Override
  public KeyValueCache cacheOf(INDArray source, Segments segments) {
    if (config.masking() != Masking.NONE || !(config.positions() instanceof AttentionPositions.None)) {
      throw new IllegalArgumentException("Attention to a full cache cannot be masked and knows no positions of queries: masking=%s, %s"
          .formatted(config.masking(), config.positions()));
    }
    Nd4jKeyValueCache cache = Nd4jKeyValueCache.empty(segments.sentences());
    append(cache, source, segments);
    return cache;
  }

  @Override
  public INDArray extend(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    Nd4jKeyValueCache seen = (Nd4jKeyValueCache) cache;
    int[] firstPositions = seen.lengths();
    append(seen, x, segments);
    return decode(x, segments, seen, firstPositions, space);
  }

  @Override
  public INDArray look(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    return decode(x, segments, (Nd4jKeyValueCache) cache, new int[segments.sentences()], space);
  }

  /** Projects new tokens and puts their keys and values behind those of the cache. */
  private void append(Nd4jKeyValueCache cache, INDArray x, Segments segments) {
    INDArray k = key.forward(x, segments, cache.lengths(), Nd4jOps.temporary(x.dataType(), x.size(0), key.out()));
    INDArray v = value.forward(x, segments, null, Nd4jOps.temporary(x.dataType(), x.size(0), value.out()));
    for (int row = 0; row < segments.sentences(); row++) {
      cache.append(row, of(k, segments, row), of(v, segments, row));
    }
  }

  private INDArray decode(INDArray x, Segments segments, Nd4jKeyValueCache cache, int[] firstPositions, Space space) {
    INDArray out = space.array(x.dataType(), x.size(0), output.out());
    INDArray q = query.forward(x, segments, firstPositions, Nd4jOps.temporary(x.dataType(), x.size(0), query.out()));
    INDArray context = like(q);
    for (int row = 0; row < segments.sentences(); row++) {
      of(context, segments, row).assign(sequences.context(new SequenceAttention.Sequence(of(q, segments, row), cache.keys(row),
          cache.values(row), firstPositions[row], Pass.INFERENCE, 0)));
    }
    return output.forward(context, out);
  }

  /** The rows of one sequence, a view. */
  private static INDArray of(INDArray rows, Segments segments, int s) {
    return Nd4jOps.rows(rows, segments.start(s), segments.start(s) + (long) segments.length(s));
  }

  private static INDArray like(INDArray array) {
    return Nd4jOps.temporary(array.dataType(), array.shape());
  }
}

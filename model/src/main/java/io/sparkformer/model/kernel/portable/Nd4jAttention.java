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
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The projections are products over all tokens; between them stands {@link DotProductAttention}, which computes some sequences at a time. A
 * training pass keeps queries, keys, values and the context that the output projection reads; the backward pass computes the attention
 * weights again.
 */
final class Nd4jAttention implements AttentionKernel {
  private final HeadProjection query;
  private final HeadProjection key;
  private final HeadProjection value;
  private final Nd4jLinear output;
  private final AttentionConfig config;
  private final DotProductAttention attention;
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
    this.attention = new DotProductAttention(config, new ScoreBias(config, weights.relative()), dropout);
    this.memory = memory;
  }

  @Override
  public Forward forward(INDArray x, Segments segments, INDArray source, Segments sourceSegments, Pass pass, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      if (segments.sentences() != sourceSegments.sentences()) {
        throw new IllegalArgumentException("Queries are of %d sequences, keys of %d"
            .formatted(segments.sentences(), sourceSegments.sentences()));
      }
      INDArray out = space.array(x.dataType(), x.size(0), output.out());
      ProjectedHeads heads = project(x, segments, source, sourceSegments, pass);
      INDArray context = context(heads, memory.kept(pass, x.dataType(), heads.q().shape()));
      output.forward(context, out);
      return memory.result(pass, out,
          (outputGradient, gradients) -> backward(x, source, heads, context, outputGradient, gradients));
    }
  }

  private ProjectedHeads project(INDArray x, Segments segments, INDArray source, Segments sourceSegments, Pass pass) {
    INDArray q = query.forward(x, segments, null, memory.kept(pass, x.dataType(), x.size(0), query.out()));
    INDArray k = key.forward(source, sourceSegments, null, memory.kept(pass, x.dataType(), source.size(0), key.out()));
    INDArray v = value.forward(source, sourceSegments, null, memory.kept(pass, x.dataType(), source.size(0), value.out()));
    return new ProjectedHeads(q, segments, k, v, sourceSegments, new int[segments.sentences()], pass);
  }

  /** The attention weights before dropout, of each sequence {@code [heads, query_time, key_time]}; arguments as in {@link #forward}. */
  List<float[][][]> weights(INDArray x, Segments segments, INDArray source, Segments sourceSegments) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      ProjectedHeads heads = project(x, segments, source, sourceSegments, Pass.INFERENCE);
      List<float[][][]> bySequence = new ArrayList<>();
      for (int s = 0; s < segments.sentences(); s++) {
        bySequence.add(attention.weights(heads.part(s, s + 1)));
      }
      return bySequence;
    }
  }

  private INDArray context(ProjectedHeads heads, INDArray context) {
    for (int from = 0, to; from < heads.segments().sentences(); from = to) {
      to = heads.partEnd(from, config.heads());
      if (heads.segments().start(to) > heads.segments().start(from)) {
        try (MemoryWorkspace part = memory.part()) {
          attention.context(heads.part(from, to), ProjectedHeads.rows(context, heads.segments(), from, to));
        }
      }
    }
    return context;
  }

  private INDArray[] backward(INDArray x, INDArray source, ProjectedHeads heads, INDArray context, INDArray outputGradient, Space space) {
    boolean self = x == source;
    INDArray xGradient = space.array(x.dataType(), x.shape());
    INDArray sourceGradient = self ? null : space.array(x.dataType(), source.shape());
    output.addGradients(outputGradient, context);
    INDArray contextGradient = output.inputGradient(outputGradient, like(context));
    // Keys that no query sees have no gradient.
    ProjectedHeads gradients = new ProjectedHeads(like(heads.q()), heads.segments(), like(heads.k()).assign(0), like(heads.v()).assign(0),
        heads.keySegments(), heads.firstPositions(), heads.pass());
    for (int from = 0, to; from < heads.segments().sentences(); from = to) {
      to = heads.partEnd(from, config.heads());
      if (heads.segments().start(to) > heads.segments().start(from)) {
        try (MemoryWorkspace part = memory.part()) {
          attention.backward(heads.part(from, to), ProjectedHeads.rows(contextGradient, heads.segments(), from, to),
              gradients.part(from, to));
        }
      }
    }
    query.backward(gradients.q(), x, heads.segments(), xGradient);
    INDArray ofKeys = key.backward(gradients.k(), source, heads.keySegments(), like(source));
    INDArray ofValues = value.backward(gradients.v(), source, heads.keySegments(), like(source));
    if (self) {
      xGradient.addi(ofKeys).addi(ofValues);
      return new INDArray[] {xGradient};
    }
    sourceGradient.assign(ofKeys).addi(ofValues);
    return new INDArray[] {xGradient, sourceGradient};
  }

  @Override
  public KeyValueCache emptyCache(int rows) {
    return new Nd4jKeyValueCache(rows);
  }

  @Override
  public KeyValueCache cacheOf(INDArray source, Segments segments) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      if (config.masking() != Masking.NONE || !(config.positions() instanceof AttentionPositions.None)) {
        throw new IllegalArgumentException("Attention to a full cache cannot be masked and knows no positions of queries: masking=%s, %s"
            .formatted(config.masking(), config.positions()));
      }
      Nd4jKeyValueCache cache = new Nd4jKeyValueCache(segments.sentences());
      append(cache, source, segments);
      return cache;
    }
  }

  @Override
  public INDArray extend(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      Nd4jKeyValueCache seen = (Nd4jKeyValueCache) cache;
      int[] firstPositions = seen.lengths();
      append(seen, x, segments);
      return decode(x, segments, seen, firstPositions, space);
    }
  }

  @Override
  public INDArray look(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    try (MemoryWorkspace scratch = memory.scratch()) {
      return decode(x, segments, (Nd4jKeyValueCache) cache, new int[segments.sentences()], space);
    }
  }

  /** Projects new tokens and puts their keys and values behind those of the cache. */
  private void append(Nd4jKeyValueCache cache, INDArray x, Segments segments) {
    INDArray k = key.forward(x, segments, cache.lengths(), Nd4jOps.temporary(x.dataType(), x.size(0), key.out()));
    INDArray v = value.forward(x, segments, null, Nd4jOps.temporary(x.dataType(), x.size(0), value.out()));
    cache.append(k, v, segments);
  }

  private INDArray decode(INDArray x, Segments segments, Nd4jKeyValueCache cache, int[] firstPositions, Space space) {
    INDArray out = space.array(x.dataType(), x.size(0), output.out());
    INDArray q = query.forward(x, segments, firstPositions, Nd4jOps.temporary(x.dataType(), x.size(0), query.out()));
    ProjectedHeads heads = new ProjectedHeads(q, segments, cache.keys(), cache.values(), cache.segments(), firstPositions, Pass.INFERENCE);
    return output.forward(context(heads, like(q)), out);
  }

  private static INDArray like(INDArray array) {
    return Nd4jOps.temporary(array.dataType(), array.shape());
  }
}

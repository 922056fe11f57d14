package io.sparkformer.model.kernel.cuda;

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
import io.sparkformer.model.kernel.cuda.array.DeviceArray;
import io.sparkformer.model.kernel.cuda.product.DeviceMatrix;
import io.sparkformer.model.kernel.cuda.product.Products.Sum;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The projections are products over all tokens; between them stands {@link AttentionHeads}. In self-attention queries, keys and values are
 * made by one product, and lie beside each other in the rows of one array. A training pass keeps them, the context that the output
 * projection reads, and a log-sum-exp for every query and head.
 */
final class CudaAttention implements AttentionKernel {
  private final CudaEngine engine;
  private final CudaLinear input;
  private final CudaLinear output;
  private final AttentionConfig config;
  private final AttentionHeads heads;
  private final RotaryTurns turns;
  private final Dropout dropout;

  CudaAttention(CudaEngine engine, AttentionWeights weights, AttentionConfig config, Dropout dropout) {
    this.engine = engine;
    this.input = new CudaLinear(engine, weights.input(), weights.inputBias());
    this.output = new CudaLinear(engine, weights.output(), weights.outputBias());
    this.config = config;
    this.heads = new AttentionHeads(engine, config, engine.weights().of(weights.relative()));
    this.turns = config.positions() instanceof AttentionPositions.Rotary rotary
        ? new RotaryTurns(engine, rotary, config.headWidth()) : null;
    this.dropout = dropout;
  }

  @Override
  public Forward forward(INDArray query, Segments segments, INDArray memory, Segments memorySegments, Pass pass, Space space) {
    if (segments.sentences() != memorySegments.sentences()) {
      throw new IllegalArgumentException("Queries are of %d sequences, keys of %d"
          .formatted(segments.sentences(), memorySegments.sentences()));
    }
    try (Call call = Call.of(engine, pass)) {
      Call.Result result = call.result(space, query.size(0), output.outputs());
      boolean self = query == memory;
      DeviceArray x = call.read(query);
      DeviceArray source = self ? x : call.read(memory);
      Projected projected = self ? Projected.together(config, call.keep(x.size(0), config.inputWidth()))
          : Projected.apart(config, call.keep(x.size(0), config.queryWidth()), call.keep(source.size(0), 2L * config.keyValueWidth()));
      DeviceArray context = call.keep(x.size(0), config.queryWidth());
      DeviceArray logSums = call.keep(x.size(0), config.heads());
      project(call, x, source, projected);
      turn(call, projected, segments, memorySegments, 1);
      AttentionHeads.Sequences sequences = AttentionHeads.Sequences.of(segments, memorySegments);
      Drops drops = Drops.of(dropout, pass);
      heads.forward(call, projected, sequences, drops, segments.firstToken(), context.address(), logSums.address());
      output.forward(call.factor(Call.matrix(context)), result.matrix());
      State state = new State(x, source, projected, context, logSums, segments, memorySegments, sequences, drops);
      return pass.isTraining() ? new Forward(result.array(), (gradient, target) -> backward(gradient, state, target))
          : Forward.inference(result.array());
    }
  }

  /** What a backward pass needs. */
  private record State(DeviceArray x, DeviceArray source, Projected projected, DeviceArray context, DeviceArray logSums, Segments segments,
      Segments memorySegments, AttentionHeads.Sequences sequences, Drops drops) {
    boolean isSelf() {
      return x == source;
    }
  }

  private void project(Call call, DeviceArray x, DeviceArray source, Projected projected) {
    if (x == source) {
      input.forward(call.factor(Call.matrix(x)), projected.all());
    } else {
      input.forward(call.factor(Call.matrix(x)), 0, config.queryWidth(), projected.q());
      input.forward(call.factor(Call.matrix(source)), config.queryWidth(), config.inputWidth(), projected.keysAndValues());
    }
  }

  private void turn(Call call, Projected projected, Segments segments, Segments memorySegments, int direction) {
    if (turns != null) {
      turns.turn(call, projected.q(), segments, null, direction);
      turns.turn(call, projected.k(), memorySegments, null, direction);
    }
  }

  private INDArray[] backward(INDArray outputGradient, State state, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result ofX = call.result(space, state.x().shape());
      Call.Result ofSource = state.isSelf() ? null : call.result(space, state.source().shape());
      DeviceMatrix dy = Call.matrix(call.read(outputGradient));
      DeviceMatrix dyFactor = call.factor(dy);
      output.addWeightGradient(dyFactor, call.factor(Call.matrix(state.context())));
      output.addBiasGradient(call, dy, 0);
      DeviceArray contextGradient = call.scratch(state.context().shape());
      output.inputGradient(dyFactor, Call.matrix(contextGradient));
      Projected gradient = state.isSelf() ? Projected.together(config, call.scratch(state.x().size(0), config.inputWidth()))
          : Projected.apart(config, call.scratch(state.x().size(0), config.queryWidth()),
              call.scratch(state.source().size(0), 2L * config.keyValueWidth()));
      heads.backward(call, state.projected(), state.sequences(), state.drops(), state.segments().firstToken(), state.context().address(),
          contextGradient.address(), state.logSums().address(), gradient);
      turn(call, gradient, state.segments(), state.memorySegments(), -1);
      addBiasGradients(call, gradient);
      int queries = config.queryWidth();
      if (state.isSelf()) {
        DeviceMatrix all = call.factor(gradient.all());
        input.addWeightGradient(all, call.factor(Call.matrix(state.x())));
        input.inputGradient(all, ofX.matrix());
        return new INDArray[] {ofX.array()};
      }
      DeviceMatrix dq = call.factor(gradient.q());
      DeviceMatrix dkv = call.factor(gradient.keysAndValues());
      input.addWeightGradient(dq, call.factor(Call.matrix(state.x())), 0, queries);
      input.addWeightGradient(dkv, call.factor(Call.matrix(state.source())), queries, config.inputWidth());
      input.inputGradient(dq, 0, queries, ofX.matrix(), Sum.NEW);
      input.inputGradient(dkv, queries, config.inputWidth(), ofSource.matrix(), Sum.NEW);
      return new INDArray[] {ofX.array(), ofSource.array()};
    }
  }

  /** Without rotary positions the gradient of the keys' bias is zero, and left alone. */
  private void addBiasGradients(Call call, Projected gradient) {
    int keys = config.queryWidth();
    input.addBiasGradient(call, gradient.q(), 0);
    if (turns != null) {
      input.addBiasGradient(call, gradient.k(), keys);
    }
    input.addBiasGradient(call, gradient.v(), keys + config.keyValueWidth());
  }

  @Override
  public KeyValueCache emptyCache(int rows) {
    return new CudaKeyValueCache(engine, rows, 2 * config.keyValueWidth());
  }

  @Override
  public KeyValueCache cacheOf(INDArray memory, Segments segments) {
    if (config.masking() != Masking.NONE || !(config.positions() instanceof AttentionPositions.None)) {
      throw new IllegalArgumentException("Attention to a full cache cannot be masked and knows no positions of queries: masking=%s, %s"
          .formatted(config.masking(), config.positions()));
    }
    CudaKeyValueCache cache = new CudaKeyValueCache(engine, segments.sentences(), 2 * config.keyValueWidth());
    try (Call call = Call.of(engine)) {
      DeviceArray keysAndValues = call.scratch(memory.size(0), 2L * config.keyValueWidth());
      input.forward(call.factor(Call.matrix(call.read(memory))), config.queryWidth(), config.inputWidth(), Call.matrix(keysAndValues));
      cache.append(call, Call.matrix(keysAndValues), segments);
      return cache;
    }
  }

  @Override
  public INDArray extend(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    CudaKeyValueCache seen = (CudaKeyValueCache) cache;
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.size(0), output.outputs());
      DeviceArray in = call.read(x);
      Projected projected = Projected.together(config, call.scratch(x.size(0), config.inputWidth()));
      project(call, in, in, projected);
      int[] firstPositions = seen.lengths();
      if (turns != null) {
        turns.turn(call, projected.q(), segments, firstPositions, 1);
        turns.turn(call, projected.k(), segments, firstPositions, 1);
      }
      seen.append(call, projected.keysAndValues(), segments);
      attend(call, projected.q(), segments, seen, firstPositions, result);
      return result.array();
    }
  }

  @Override
  public INDArray look(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    try (Call call = Call.of(engine)) {
      Call.Result result = call.result(space, x.size(0), output.outputs());
      DeviceArray q = call.scratch(x.size(0), config.queryWidth());
      input.forward(call.factor(Call.matrix(call.read(x))), 0, config.queryWidth(), Call.matrix(q));
      attend(call, Call.matrix(q), segments, (CudaKeyValueCache) cache, new int[segments.sentences()], result);
      return result.array();
    }
  }

  private void attend(Call call, DeviceMatrix q, Segments segments, CudaKeyValueCache cache, int[] firstPositions, Call.Result result) {
    DeviceArray context = call.scratch(q.rows(), config.queryWidth());
    AttentionHeads.Sequences sequences = cache.sequences(segments, firstPositions);
    heads.forward(call, Projected.of(config, q, cache.rows()), sequences, Drops.none(), 0, context.address(), 0);
    output.forward(call.factor(Call.matrix(context)), result.matrix());
  }
}

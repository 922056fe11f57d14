package io.sparkformer.model.kernel.cpu.attention;

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
import io.sparkformer.model.kernel.Weight;
import io.sparkformer.model.kernel.cpu.memory.HostMemory;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.product.Operand;
import io.sparkformer.model.kernel.cpu.rows.Masks;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention with its projections: products of all rows, {@link AttentionHeads} between them. */
public final class CpuAttention implements AttentionKernel {
  private final Engine engine;
  private final AttentionConfig config;
  private final AttentionProjections projections;
  private final CachePage layout;
  private final Weight relative;
  private final Dropout dropout;

  /** @param engine what the kernels of the graph share */
  public CpuAttention(Engine engine, AttentionWeights weights, AttentionConfig config, Dropout dropout) {
    this.engine = engine;
    this.config = config;
    this.projections = new AttentionProjections(engine, weights, config);
    this.layout = new CachePage(config);
    this.relative = weights.relative();
    this.dropout = dropout;
    if (config.positions() instanceof AttentionPositions.Relative && relative == null) {
      throw new IllegalArgumentException("Attention with relative positions needs their table");
    }
  }

  @Override
  public Forward forward(INDArray query, Segments querySegments, INDArray memory, Segments memorySegments, Pass pass, Space space) {
    INDArray result = space.array(DataType.FLOAT, query.size(0), projections.outputs());
    long mark = engine.memory().mark();
    AttentionTiles tiles = new AttentionTiles(config, querySegments, memorySegments);
    AttentionProjections.Projected projected = projections.forward(query, memory, pass);
    Rotation rotation = Rotation.of(config, querySegments, memorySegments);
    rotation.turn(engine.team(), projected.q(), projected.k(), RotaryRows.Direction.FORWARD);
    Matrix context = engine.memory().matrix((int) query.size(0), config.queryWidth());
    AttentionState state = new AttentionState(tiles, Masks.of(dropout, pass, querySegments.firstToken()), projected.q(), projected.k(),
        projected.v(), DistanceBias.ofColumns(config, table(), querySegments.longest(), memorySegments.longest()), context,
        statistics(pass, context.rows()), statistics(pass, context.rows()));
    AttentionHeads heads = new AttentionHeads(state);
    engine.team().run(tiles.parts(), heads::forward);
    Operand contextOperand = projections.output(context, pass, Matrix.of(result));
    if (!pass.isTraining()) {
      engine.memory().release(mark);
      return Forward.inference(result);
    }
    return new Forward(result, (gradient, to) -> backward(gradient, to, projected, state, rotation, contextOperand));
  }

  private Matrix statistics(Pass pass, int tokens) {
    return pass.isTraining() ? engine.memory().matrix(config.heads(), tokens) : null;
  }

  /** The table of relative positions; null for none. */
  private Matrix table() {
    return relative == null ? null : Matrix.of(relative.value());
  }

  private INDArray[] backward(INDArray outputGradient, Space space, AttentionProjections.Projected projected, AttentionState state,
      Rotation rotation, Operand contextOperand) {
    INDArray[] results = projected.inputGradients(space);
    HostMemory memory = engine.memory();
    long mark = memory.mark();
    AttentionProjections.Gradient out = projections.outputBackward(Matrix.of(outputGradient), contextOperand);
    AttentionProjections.Projected gradient = projections.like(projected);
    headsBackward(state, out.inputGradient(), gradient);
    rotation.turn(engine.team(), gradient.q(), gradient.k(), RotaryRows.Direction.BACK);
    projections.backward(projected, gradient, out, results);
    memory.release(mark);
    return results;
  }

  /** The gradients of queries, keys and values. */
  private void headsBackward(AttentionState state, Matrix contextGradient, AttentionProjections.Projected gradient) {
    int shares = state.tiles().shares();
    long mark = engine.memory().mark();
    Matrix dk = shares == 1 ? gradient.k() : engine.memory().matrix(gradient.k().rows(), shares * config.keyValueWidth());
    Matrix dv = shares == 1 ? gradient.v() : engine.memory().matrix(gradient.v().rows(), shares * config.keyValueWidth());
    boolean learned = config.positions() instanceof AttentionPositions.Relative && relative.gradient() != null;
    DistanceBias.Gradient biasGradient = learned ? state.bias().new Gradient(state.tiles().queries().sentences()) : null;
    AttentionHeadsBackward heads = new AttentionHeadsBackward(state, contextGradient, gradient.q(), dk, dv, biasGradient);
    engine.team().run(heads.parts(), heads::backward);
    if (shares > 1) {
      SharedHeads.add(engine.team(), dk, gradient.k());
      SharedHeads.add(engine.team(), dv, gradient.v());
    }
    if (learned) {
      biasGradient.addTo(Matrix.of(relative.gradient()));
    }
    engine.memory().release(mark);
  }

  @Override
  public CpuKeyValueCache emptyCache(int rows) {
    return new CpuKeyValueCache(rows, config, layout, engine.pages(layout.floats()));
  }

  @Override
  public KeyValueCache cacheOf(INDArray memory, Segments segments) {
    if (config.masking() != Masking.NONE || !(config.positions() instanceof AttentionPositions.None)) {
      throw new IllegalArgumentException("Attention to a full cache cannot be masked and knows no positions of queries: masking=%s, %s"
          .formatted(config.masking(), config.positions()));
    }
    long mark = engine.memory().mark();
    AttentionProjections.Projected projected = projections.ofMemory(memory, Pass.INFERENCE);
    CpuKeyValueCache cache = emptyCache(segments.sentences());
    cache.append(engine.team(), projected.k(), projected.v(), segments);
    engine.memory().release(mark);
    return cache;
  }

  @Override
  public INDArray extend(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    CpuKeyValueCache seen = (CpuKeyValueCache) cache;
    INDArray result = space.array(DataType.FLOAT, x.size(0), projections.outputs());
    long mark = engine.memory().mark();
    AttentionProjections.Projected projected = projections.forward(x, x, Pass.INFERENCE);
    int[] positions = seen.positions(segments);
    Rotation.of(config, positions, positions).turn(engine.team(), projected.q(), projected.k(), RotaryRows.Direction.FORWARD);
    seen.append(engine.team(), projected.k(), projected.v(), segments);
    attend(projected.q(), segments, seen, positions, result);
    engine.memory().release(mark);
    return result;
  }

  @Override
  public INDArray look(INDArray x, Segments segments, KeyValueCache cache, Space space) {
    INDArray result = space.array(DataType.FLOAT, x.size(0), projections.outputs());
    long mark = engine.memory().mark();
    attend(projections.ofQuery(x, Pass.INFERENCE).q(), segments, (CpuKeyValueCache) cache, null, result);
    engine.memory().release(mark);
    return result;
  }

  private void attend(Matrix q, Segments segments, CpuKeyValueCache cache, int[] positions, INDArray result) {
    Matrix context = engine.memory().matrix(q.rows(), config.queryWidth());
    DistanceBias bias = positions == null ? null : DistanceBias.ofRows(config, table(), cache.longest());
    CachedAttention attention = new CachedAttention(config, layout, cache, q, segments, positions, bias, context);
    engine.team().run(attention.parts(), attention::run);
    projections.output(context, Pass.INFERENCE, Matrix.of(result));
  }
}

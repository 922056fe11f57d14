package io.sparkformer.model.kernel.cpu;

import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.config.Masking;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Segments;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Attention between its projections. In self-attention the three projections are one product, and query, key and value of a token lie in
 * one row; in cross-attention key and value do.
 */
final class CpuAttention implements AttentionKernel {
  private final Engine engine;
  /** Of queries, keys and values: all three, the first, and the last two. */
  private final Linear in;
  private final Linear inOfQuery;
  private final Linear inOfMemory;
  private final Linear out;
  private final int heads;
  private final int dModel;
  private final Masking masking;
  private final Dropout dropout;
  private final ColumnSums querySums = new ColumnSums();
  private final ColumnSums memorySums = new ColumnSums();
  private final ColumnSums outSums = new ColumnSums();
  private final Buffer queryInput = new Buffer();
  private final Buffer memoryInput = new Buffer();
  private final Buffer contextInput = new Buffer();
  private final Buffer queryMemory = new Buffer();
  private final Buffer keyValueMemory = new Buffer();
  private final Buffer contextMemory = new Buffer();
  private final Buffer probabilityMemory = new Buffer();

  private Projected kept;

  /** A forward pass: what went in, and what the backward pass needs of it. */
  private record Projected(Operand query, Operand memory, Matrix q, Matrix k, Matrix v, Matrix context, Operand contextOperand,
      Floats probabilities, AttentionHeads attention) {
    boolean self() {
      return query == memory;
    }
  }

  CpuAttention(Engine engine, AttentionWeights weights, int heads, Masking masking, Dropout dropout) {
    this.engine = engine;
    this.in = Linear.of(engine.arithmetic(), weights.inProjection(), weights.inBias());
    this.out = Linear.of(engine.arithmetic(), weights.outProjection(), weights.outBias());
    this.heads = heads;
    this.dModel = out.inputs();
    this.inOfQuery = in.outputs(0, dModel);
    this.inOfMemory = in.outputs(dModel, 3 * dModel);
    this.masking = masking;
    this.dropout = dropout;
  }

  @Override
  public INDArray forward(INDArray query, Segments querySegments, INDArray memory, Segments memorySegments, Pass pass,
      LayerWorkspaceMgr space) {
    INDArray result = space.createUninitialized(ArrayType.ACTIVATIONS, query.dataType(), query.shape(), 'c');
    Masks masks = Masks.of(dropout, pass, querySegments.firstToken());
    AttentionHeads attention = new AttentionHeads(heads, dModel / heads, masking, querySegments, memorySegments, masks);
    Matrix queryRows = Matrix.of(query);
    Matrix memoryRows = memory == query ? queryRows : Matrix.of(memory);
    Floats probabilities = pass.isTraining() ? probabilityMemory.floats(attention.probabilities()) : null;
    out.prepare(engine.team(), pass);
    Projected projected = project(queryRows, memoryRows, probabilities, attention, pass);
    engine.team().run(attention.parts(), part -> attention.forward(part, projected.q(), projected.k(), projected.v(),
        projected.probabilities(), projected.context()));
    out.forward(engine.team(), projected.context(), projected.contextOperand(), Matrix.of(result));
    if (pass.isTraining()) {
      kept = projected;
    }
    return result;
  }

  private Projected project(Matrix query, Matrix memory, Floats probabilities, AttentionHeads attention, Pass pass) {
    Matrix context = contextMemory.matrix(query.rows(), dModel);
    Operand contextOperand = engine.arithmetic().operand(contextInput, Role.ACTIVATION, context);
    Operand x = engine.arithmetic().operand(queryInput, Role.ACTIVATION, query);
    if (query == memory) {
      Matrix all = queryMemory.matrix(query.rows(), 3 * dModel);
      in.prepare(engine.team(), pass);
      in.forward(engine.team(), query, x, all);
      return new Projected(x, x, all.columns(0, dModel), all.columns(dModel, 2 * dModel), all.columns(2 * dModel, 3 * dModel),
          context, contextOperand, probabilities, attention);
    }
    Operand y = engine.arithmetic().operand(memoryInput, Role.ACTIVATION, memory);
    Matrix q = queryMemory.matrix(query.rows(), dModel);
    Matrix keysAndValues = keyValueMemory.matrix(memory.rows(), 2 * dModel);
    inOfQuery.prepare(engine.team(), pass);
    inOfMemory.prepare(engine.team(), pass);
    inOfQuery.forward(engine.team(), query, x, q);
    inOfMemory.forward(engine.team(), memory, y, keysAndValues);
    return new Projected(x, y, q, keysAndValues.columns(0, dModel), keysAndValues.columns(dModel, 2 * dModel), context, contextOperand,
        probabilities, attention);
  }

  @Override
  public Gradients backward(INDArray outputGradient, LayerWorkspaceMgr space) {
    Projected p = kept;
    INDArray queryGradient = gradientOf(p.query(), outputGradient, space);
    INDArray memoryGradient = p.self() ? null : gradientOf(p.memory(), outputGradient, space);
    Matrix dy = Matrix.of(outputGradient);
    Matrix contextGradient = engine.scratch(0).matrix(dy.rows(), dModel);
    Operand dyOperand = engine.arithmetic().operand(engine.scratch(2), Role.GRADIENT, dy);
    linearBackward(out, dy, dyOperand, contextGradient, outSums);
    outSums.addTo(out.biasGradient());

    // The gradients of query, key and value lie as the projections do.
    int queryColumns = p.self() ? 3 * dModel : dModel;
    Floats scratch = engine.scratch(1).floats((long) p.query().rows() * queryColumns + (p.self() ? 0 : 2L * dModel * p.memory().rows()));
    Matrix atQuery = new Matrix(scratch, 0, p.query().rows(), queryColumns, queryColumns);
    Matrix atMemory = p.self() ? atQuery.columns(dModel, 3 * dModel)
        : new Matrix(scratch, p.query().rows() * queryColumns, p.memory().rows(), 2 * dModel, 2 * dModel);
    engine.team().run(p.attention().parts(), part -> p.attention().backward(part, p.q(), p.k(), p.v(), p.probabilities(),
        contextGradient, atQuery.columns(0, dModel), atMemory.columns(0, dModel), atMemory.columns(dModel, 2 * dModel)));

    Arithmetic.WeightGradient outGradient = out.weightGradient(dyOperand, p.contextOperand());
    Operand atQueryOperand = engine.arithmetic().operand(engine.scratch(3), Role.GRADIENT, atQuery);
    if (p.self()) {
      linearBackward(in, atQuery, atQueryOperand, Matrix.of(queryGradient), querySums);
      addBiasGradient(0, querySums, 0);
      addBiasGradient(2, querySums, 2 * dModel);
      engine.arithmetic().addWeightGradients(engine.team(), outGradient, in.weightGradient(atQueryOperand, p.query()));
    } else {
      Operand atMemoryOperand = engine.arithmetic().operand(engine.scratch(4), Role.GRADIENT, atMemory);
      linearBackward(inOfQuery, atQuery, atQueryOperand, Matrix.of(queryGradient), querySums);
      linearBackward(inOfMemory, atMemory, atMemoryOperand, Matrix.of(memoryGradient), memorySums);
      addBiasGradient(0, querySums, 0);
      addBiasGradient(2, memorySums, dModel);
      engine.arithmetic().addWeightGradients(engine.team(), outGradient, inOfQuery.weightGradient(atQueryOperand, p.query()),
          inOfMemory.weightGradient(atMemoryOperand, p.memory()));
    }
    return new Gradients(queryGradient, memoryGradient);
  }

  private static INDArray gradientOf(Operand rows, INDArray like, LayerWorkspaceMgr space) {
    return space.createUninitialized(ArrayType.ACTIVATION_GRAD, like.dataType(), new long[] {rows.rows(), rows.columns()}, 'c');
  }

  /**
   * Adds the gradient of the bias of queries (0) or values (2), whose sums begin at a column; {@link AttentionKernel#backward} says why
   * keys have none.
   */
  private void addBiasGradient(int which, ColumnSums sums, int column) {
    sums.addTo(in.biasGradient().columns(which * dModel, (which + 1) * dModel), column);
  }

  /**
   * The gradient of the input, and the column sums of {@code dy}, which {@code operand} keeps: the gradient of the weights comes later,
   * together with others.
   */
  private void linearBackward(Linear layer, Matrix dy, Operand operand, Matrix dx, ColumnSums sums) {
    RowBlocks blocks = RowBlocks.of(dy.rows());
    sums.begin(blocks.count(), dy.columns());
    engine.team().run(blocks.count(), block -> {
      Matrix rows = dy.rows(blocks.start(block), blocks.end(block));
      sums.add(block, rows);
      operand.keep(rows, blocks.start(block));
      layer.inputGradient(operand.rows(blocks.start(block), blocks.end(block)), dx.rows(blocks.start(block), blocks.end(block)));
    });
  }

  @Override
  public KeyValueCache emptyCache(int rows) {
    return CpuKeyValueCache.growing(rows, heads, dModel / heads);
  }

  @Override
  public KeyValueCache cacheOf(INDArray memory, Segments segments) {
    Matrix keysAndValues = engine.scratch(0).matrix((int) memory.size(0), 2 * dModel);
    infer(inOfMemory, Matrix.of(memory), engine.scratch(2), keysAndValues);
    return CpuKeyValueCache.of(keysAndValues.columns(0, dModel), keysAndValues.columns(dModel, 2 * dModel), segments, heads);
  }

  private void infer(Linear layer, Matrix rows, Buffer input, Matrix result) {
    layer.prepare(engine.team(), Pass.INFERENCE);
    layer.forward(engine.team(), rows, engine.arithmetic().operand(input, Role.ACTIVATION, rows), result);
  }

  @Override
  public INDArray stepSelf(INDArray x, KeyValueCache cache, LayerWorkspaceMgr space) {
    Matrix all = engine.scratch(0).matrix((int) x.size(0), 3 * dModel);
    infer(in, Matrix.of(x), engine.scratch(2), all);
    CpuKeyValueCache seen = (CpuKeyValueCache) cache;
    seen.append(all.columns(dModel, 2 * dModel), all.columns(2 * dModel, 3 * dModel));
    return attend(x, all.columns(0, dModel), seen, space);
  }

  @Override
  public INDArray stepCross(INDArray x, KeyValueCache cache, LayerWorkspaceMgr space) {
    Matrix q = engine.scratch(0).matrix((int) x.size(0), dModel);
    infer(inOfQuery, Matrix.of(x), engine.scratch(2), q);
    return attend(x, q, (CpuKeyValueCache) cache, space);
  }

  private INDArray attend(INDArray x, Matrix q, CpuKeyValueCache cache, LayerWorkspaceMgr space) {
    INDArray result = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), 'c');
    Matrix context = engine.scratch(1).matrix(q.rows(), dModel);
    engine.team().run(q.rows(), row -> cache.attend(row, q, context));
    infer(out, context, engine.scratch(3), Matrix.of(result));
    return result;
  }
}

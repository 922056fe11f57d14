package io.sparkformer.model.kernel.cpu.attention;

import io.sparkformer.model.config.AttentionConfig;
import io.sparkformer.model.config.AttentionPositions;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.Space;
import io.sparkformer.model.kernel.cpu.memory.Matrix;
import io.sparkformer.model.kernel.cpu.memory.RowBlocks;
import io.sparkformer.model.kernel.cpu.product.Arithmetic;
import io.sparkformer.model.kernel.cpu.product.Engine;
import io.sparkformer.model.kernel.cpu.product.Linear;
import io.sparkformer.model.kernel.cpu.product.Operand;
import io.sparkformer.model.kernel.cpu.product.Role;
import io.sparkformer.model.kernel.cpu.rows.ColumnSums;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The four projections of attention. In self-attention those of query, key and value are one product, and the three of a token lie in one
 * row; in cross-attention key and value do.
 */
final class AttentionProjections {
  private final Engine engine;
  private final AttentionConfig config;
  /** Of queries, keys and values: all three, the first, and the last two. */
  private final Linear in;
  private final Linear inOfQuery;
  private final Linear inOfMemory;
  private final Linear out;

  /**
   * Queries, keys and values of a pass, or their gradients.
   *
   * @param query the input of the queries; null for gradients
   * @param memory the input of keys and values, the same as {@code query} in self-attention; null for gradients
   * @param ofQuery the rows that queries are the first columns of: all three in self-attention
   * @param ofMemory the rows of keys and values side by side
   */
  record Projected(Operand query, Operand memory, Matrix ofQuery, Matrix ofMemory, Matrix q, Matrix k, Matrix v) {
    boolean isSelf() {
      return query == memory;
    }

    /** Arrays for the gradients of the inputs. */
    INDArray[] inputGradients(Space space) {
      INDArray ofQuery = space.array(DataType.FLOAT, query.rows(), query.columns());
      return isSelf() ? new INDArray[] {ofQuery}
          : new INDArray[] {ofQuery, space.array(DataType.FLOAT, memory.rows(), memory.columns())};
    }
  }

  /** The gradient of a layer's output, and that of its input; the gradient of the weights comes later, together with others. */
  record Gradient(Operand output, Operand x, Matrix inputGradient) {}

  AttentionProjections(Engine engine, AttentionWeights weights, AttentionConfig config) {
    this.engine = engine;
    this.config = config;
    this.in = Linear.of(engine.arithmetic(), weights.input(), weights.inputBias());
    this.out = Linear.of(engine.arithmetic(), weights.output(), weights.outputBias());
    this.inOfQuery = in.outputs(0, config.queryWidth());
    this.inOfMemory = in.outputs(config.queryWidth(), config.inputWidth());
    if (in.outputs() != config.inputWidth() || out.inputs() != config.queryWidth()) {
      throw new IllegalArgumentException("Attention of %s needs projections of [%d, width] and [width, %d], found [%d, %d] and [%d, %d]"
          .formatted(config, config.inputWidth(), config.queryWidth(), in.outputs(), in.inputs(), out.outputs(), out.inputs()));
    }
  }

  /** Columns of the result. */
  int outputs() {
    return out.outputs();
  }

  /** Queries of {@code query}, keys and values of {@code memory}, which may be the same. */
  Projected forward(INDArray query, INDArray memory, Pass pass) {
    if (query == memory) {
      Matrix rows = Matrix.of(query);
      Operand x = engine.operand(Role.ACTIVATION, rows);
      return self(x, x, project(in, rows, x, pass));
    }
    Projected ofQuery = ofQuery(query, pass);
    Projected ofMemory = ofMemory(memory, pass);
    return new Projected(ofQuery.query(), ofMemory.memory(), ofQuery.ofQuery(), ofMemory.ofMemory(), ofQuery.q(), ofMemory.k(),
        ofMemory.v());
  }

  private Projected self(Operand query, Operand memory, Matrix all) {
    int width = config.queryWidth();
    Matrix ofMemory = all.columns(width, config.inputWidth());
    return new Projected(query, memory, all, ofMemory, all.columns(0, width), keys(ofMemory), values(ofMemory));
  }

  private Matrix keys(Matrix ofMemory) {
    return ofMemory.columns(0, config.keyValueWidth());
  }

  private Matrix values(Matrix ofMemory) {
    return ofMemory.columns(config.keyValueWidth(), 2 * config.keyValueWidth());
  }

  /** Queries alone. */
  Projected ofQuery(INDArray query, Pass pass) {
    Matrix rows = Matrix.of(query);
    Operand x = engine.operand(Role.ACTIVATION, rows);
    Matrix q = project(inOfQuery, rows, x, pass);
    return new Projected(x, null, q, null, q, null, null);
  }

  /** Keys and values alone. */
  Projected ofMemory(INDArray memory, Pass pass) {
    Matrix rows = Matrix.of(memory);
    Operand x = engine.operand(Role.ACTIVATION, rows);
    Matrix ofMemory = project(inOfMemory, rows, x, pass);
    return new Projected(null, x, null, ofMemory, null, keys(ofMemory), values(ofMemory));
  }

  private Matrix project(Linear layer, Matrix rows, Operand x, Pass pass) {
    Matrix result = engine.memory().matrix(rows.rows(), layer.outputs());
    layer.prepare(engine.team(), pass);
    layer.forward(engine.team(), rows, x, result);
    return result;
  }

  /** The output projection of {@code context}; returns what it read. */
  Operand output(Matrix context, Pass pass, Matrix result) {
    Operand operand = engine.operand(Role.ACTIVATION, context);
    out.prepare(engine.team(), pass);
    out.forward(engine.team(), context, operand, result);
    return operand;
  }

  /** The gradient of the context. */
  Gradient outputBackward(Matrix outputGradient, Operand context) {
    Operand operand = engine.operand(Role.GRADIENT, outputGradient);
    Matrix gradient = engine.memory().matrix(context.rows(), context.columns());
    ColumnSums sums = backward(out, outputGradient, operand, gradient);
    sums.addTo(out.biasGradient());
    return new Gradient(operand, context, gradient);
  }

  /** Memory for the gradients of queries, keys and values, which lie as these do. */
  Projected like(Projected projected) {
    Matrix ofQuery = engine.memory().matrix(projected.ofQuery().rows(), projected.ofQuery().columns());
    if (projected.isSelf()) {
      return self(null, null, ofQuery);
    }
    Matrix ofMemory = engine.memory().matrix(projected.ofMemory().rows(), projected.ofMemory().columns());
    return new Projected(null, null, ofQuery, ofMemory, ofQuery, keys(ofMemory), values(ofMemory));
  }

  /** Makes the gradients of the inputs and of all weights. */
  void backward(Projected projected, Projected gradient, Gradient output, INDArray[] inputGradients) {
    Operand atQuery = engine.operand(Role.GRADIENT, gradient.ofQuery());
    Arithmetic.WeightGradient ofOut = out.weightGradient(output.output(), output.x());
    int width = config.queryWidth();
    if (projected.isSelf()) {
      ColumnSums sums = backward(in, gradient.ofQuery(), atQuery, Matrix.of(inputGradients[0]));
      addBiasGradients(sums, sums, width);
      engine.addWeightGradients(ofOut, in.weightGradient(atQuery, projected.query()));
      return;
    }
    Operand atMemory = engine.operand(Role.GRADIENT, gradient.ofMemory());
    ColumnSums querySums = backward(inOfQuery, gradient.ofQuery(), atQuery, Matrix.of(inputGradients[0]));
    ColumnSums memorySums = backward(inOfMemory, gradient.ofMemory(), atMemory, Matrix.of(inputGradients[1]));
    addBiasGradients(querySums, memorySums, 0);
    engine.addWeightGradients(ofOut, inOfQuery.weightGradient(atQuery, projected.query()),
        inOfMemory.weightGradient(atMemory, projected.memory()));
  }

  /**
   * Adds the gradients of the biases; those of keys only in the elements that rotary positions turn, see {@link
   * io.sparkformer.model.kernel.AttentionKernel#forward}.
   *
   * @param memoryColumn at which the sums of keys begin
   */
  private void addBiasGradients(ColumnSums querySums, ColumnSums memorySums, int memoryColumn) {
    Matrix gradient = in.biasGradient();
    if (gradient == null) {
      return;
    }
    int width = config.queryWidth();
    int keyWidth = config.keyValueWidth();
    querySums.addTo(gradient.columns(0, width));
    memorySums.addTo(gradient.columns(width + keyWidth, width + 2 * keyWidth), memoryColumn + keyWidth);
    if (config.positions() instanceof AttentionPositions.Rotary rotary) {
      for (int column = 0; column < keyWidth; column += config.headWidth()) {
        memorySums.addTo(gradient.columns(width + column, width + column + rotary.width()), memoryColumn + column);
      }
    }
  }

  /** The gradient of the input, and the column sums of {@code dy}, which {@code operand} keeps. */
  private ColumnSums backward(Linear layer, Matrix dy, Operand operand, Matrix dx) {
    RowBlocks blocks = RowBlocks.of(dy.rows());
    ColumnSums sums = ColumnSums.of(layer.biasGradient(), blocks.count(), dy.columns());
    engine.team().run(blocks.count(), block -> {
      Matrix rows = dy.rows(blocks.start(block), blocks.end(block));
      sums.add(block, rows);
      operand.keep(rows, blocks.start(block));
      layer.inputGradient(operand.rows(blocks.start(block), blocks.end(block)), dx.rows(blocks.start(block), blocks.end(block)));
    });
    return sums;
  }
}

package io.sparkformer.model.kernel.portable;

import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Pads sentences to the longest and batches the products over sentences and heads:
 * queries, keys and values are {@code [sentences * heads, time, head_width]}, the attention weights
 * {@code [sentences * heads, query_time, key_time]}.
 */
final class Nd4jAttention implements AttentionKernel {
  /** Added to the score of a key that a query may not see; its exponential is exactly 0 in every floating-point type. */
  private static final double HIDDEN = -1e9;

  /** Places of the three projections in the stacked weight. */
  private static final int QUERY = 0;
  private static final int KEY = 1;
  private static final int VALUE = 2;

  private final AttentionWeights weights;
  private final int heads;
  private final int dModel;
  private final Masking masking;
  private final Dropout dropout;
  private final double scale;

  private INDArray query;
  private INDArray memory;
  private Padding queryPadding;
  private Padding memoryPadding;
  private INDArray q;
  private INDArray k;
  private INDArray v;
  private INDArray probabilities;
  private INDArray context;
  private Pass pass;

  Nd4jAttention(AttentionWeights weights, int heads, Masking masking, Dropout dropout) {
    this.weights = weights;
    this.heads = heads;
    this.dModel = weights.outProjection().value().columns();
    this.masking = masking;
    this.dropout = dropout;
    this.scale = 1 / Math.sqrt((double) dModel / heads);
  }

  @Override
  public INDArray forward(INDArray query, Segments querySegments, INDArray memory, Segments memorySegments, Pass pass,
      LayerWorkspaceMgr space) {
    this.query = query;
    this.memory = memory;
    this.pass = pass;
    queryPadding = new Padding(querySegments, heads, dModel);
    memoryPadding = query == memory ? queryPadding : new Padding(memorySegments, heads, dModel);
    q = keep(queryPadding.toHeads(project(query, QUERY)), space);
    k = keep(memoryPadding.toHeads(project(memory, KEY)), space);
    v = keep(memoryPadding.toHeads(project(memory, VALUE)), space);
    INDArray scores = Nd4jOps.temporary(q.dataType(), q.size(0), q.size(1), k.size(1));
    Nd4jOps.productWithTransposed(q, k, scores, scale);
    hide(scores, memorySegments);
    probabilities = keep(Nd4jOps.softmaxInPlace(scores), space);
    INDArray mixed = Nd4jOps.product(dropped(probabilities), v, Nd4jOps.temporary(q.dataType(), q.shape()));
    context = keep(queryPadding.toRows(mixed), space);
    INDArray out = space.createUninitialized(ArrayType.ACTIVATIONS, query.dataType(), query.shape(), 'c');
    return Nd4jOps.linear(context, weights.outProjection().value(), weights.outBias().value(), out);
  }

  @Override
  public Gradients backward(INDArray outputGradient, LayerWorkspaceMgr space) {
    DataType type = outputGradient.dataType();
    Nd4jOps.addLinearGradients(outputGradient, context, weights.outProjection().gradient(), weights.outBias().gradient());
    INDArray contextGradient = Nd4jOps.product(outputGradient, weights.outProjection().value(), Nd4jOps.temporary(type, context.shape()));
    INDArray mixedGradient = queryPadding.toHeads(contextGradient);
    INDArray vGradient = Nd4jOps.productOfTransposed(dropped(probabilities), mixedGradient, Nd4jOps.temporary(type, v.shape()));
    INDArray scoreGradient = Nd4jOps.productWithTransposed(mixedGradient, v, Nd4jOps.temporary(type, probabilities.shape()), 1);
    if (dropout.applies(pass)) {
      scoreGradient.muli(attentionMask());
    }
    // softmax: dS = P * (dP - sum_k dP * P)
    INDArray sums = scoreGradient.mul(probabilities).sum(true, 2);
    scoreGradient.subi(sums.broadcast(scoreGradient.shape())).muli(probabilities).muli(scale);
    INDArray qGradient = Nd4jOps.product(scoreGradient, k, Nd4jOps.temporary(type, q.shape()));
    INDArray kGradient = Nd4jOps.productOfTransposed(scoreGradient, q, Nd4jOps.temporary(type, k.shape()));

    INDArray queryInput = space.createUninitialized(ArrayType.ACTIVATION_GRAD, type, query.shape(), 'c');
    projectBack(queryPadding.toRows(qGradient), query, QUERY, queryInput);
    boolean self = memory == query;
    INDArray memoryInput = self ? queryInput : space.createUninitialized(ArrayType.ACTIVATION_GRAD, type, memory.shape(), 'c');
    INDArray part = Nd4jOps.temporary(type, memory.shape());
    projectBack(memoryPadding.toRows(kGradient), memory, KEY, part);
    if (self) {
      memoryInput.addi(part);
    } else {
      memoryInput.assign(part);
    }
    projectBack(memoryPadding.toRows(vGradient), memory, VALUE, part);
    memoryInput.addi(part);
    return new Gradients(queryInput, self ? null : memoryInput);
  }

  @Override
  public KeyValueCache emptyCache(int rows) {
    return new Nd4jKeyValueCache(rows, heads, dModel / heads);
  }

  @Override
  public KeyValueCache cacheOf(INDArray memory, Segments segments) {
    Padding padding = new Padding(segments, heads, dModel);
    INDArray hidden = Nd4j.zeros(memory.dataType(), segments.sentences(), segments.longest());
    for (int s = 0; s < segments.sentences(); s++) {
      for (int i = segments.length(s); i < segments.longest(); i++) {
        hidden.putScalar(s, i, HIDDEN);
      }
    }
    return new Nd4jKeyValueCache(heads, padding.toHeads(project(memory, KEY)).detach(), padding.toHeads(project(memory, VALUE)).detach(),
        hidden.detach());
  }

  @Override
  public INDArray stepSelf(INDArray x, KeyValueCache cache, LayerWorkspaceMgr space) {
    Nd4jKeyValueCache seen = (Nd4jKeyValueCache) cache;
    seen.append(project(x, KEY), project(x, VALUE));
    return step(x, seen, space);
  }

  @Override
  public INDArray stepCross(INDArray x, KeyValueCache cache, LayerWorkspaceMgr space) {
    return step(x, (Nd4jKeyValueCache) cache, space);
  }

  private INDArray step(INDArray x, Nd4jKeyValueCache cache, LayerWorkspaceMgr space) {
    INDArray mixed = cache.attend(project(x, QUERY), scale).reshape(x.shape());
    INDArray out = space.createUninitialized(ArrayType.ACTIVATIONS, x.dataType(), x.shape(), 'c');
    return Nd4jOps.linear(mixed, weights.outProjection().value(), weights.outBias().value(), out);
  }

  /** The projection of query, key or value: {@code [tokens, d_model]}. */
  private INDArray project(INDArray x, int which) {
    return Nd4jOps.linear(x, third(weights.inProjection().value(), which), third(weights.inBias().value(), which),
        Nd4jOps.temporary(x.dataType(), x.shape()));
  }

  /** See {@link AttentionKernel#backward} about the bias of the keys. */
  private void projectBack(INDArray gradient, INDArray x, int which, INDArray inputGradient) {
    Nd4jOps.addProductOfTransposed(gradient, x, third(weights.inProjection().gradient(), which));
    if (which != KEY) {
      Nd4jOps.addColumnSums(gradient, third(weights.inBias().gradient(), which));
    }
    Nd4jOps.product(gradient, third(weights.inProjection().value(), which), inputGradient);
  }

  private INDArray third(INDArray stacked, int which) {
    return Nd4jOps.rows(stacked, (long) which * dModel, (which + 1L) * dModel);
  }

  private INDArray keep(INDArray array, LayerWorkspaceMgr space) {
    return pass.isTraining() ? space.leverageTo(ArrayType.ACTIVATIONS, array) : array;
  }

  private void hide(INDArray scores, Segments memorySegments) {
    int queryTime = (int) scores.size(1);
    int keyTime = (int) scores.size(2);
    int sentences = memorySegments.sentences();
    float[] mask = new float[sentences * queryTime * keyTime];
    int at = 0;
    for (int s = 0; s < sentences; s++) {
      for (int i = 0; i < queryTime; i++) {
        int visible = masking == Masking.CAUSAL ? Math.min(i + 1, memorySegments.length(s)) : memorySegments.length(s);
        for (int j = 0; j < keyTime; j++) {
          mask[at++] = j < visible ? 0f : (float) HIDDEN;
        }
      }
    }
    INDArray hidden = Nd4jOps.fromHost(mask, scores.dataType(), sentences, 1, queryTime, keyTime);
    INDArray byHead = scores.reshape(sentences, heads, queryTime, keyTime);
    byHead.addi(hidden.broadcast(byHead.shape()));
  }

  private INDArray dropped(INDArray probabilities) {
    return dropout.applies(pass) ? probabilities.mul(attentionMask()) : probabilities;
  }

  /** Element {@code head * 65536 + key position} of the query's token: {@code [sentences * heads, query_time, key_time]}. */
  private INDArray attentionMask() {
    Segments segments = queryPadding.segments();
    int queryTime = (int) probabilities.size(1);
    int keyTime = (int) probabilities.size(2);
    float[] mask = new float[(int) probabilities.length()];
    for (int s = 0; s < segments.sentences(); s++) {
      for (int i = 0; i < segments.length(s); i++) {
        int key = dropout.rowKey(pass.step(), (long) segments.firstToken() + segments.start(s) + i);
        for (int h = 0; h < heads; h++) {
          int row = ((s * heads + h) * queryTime + i) * keyTime;
          for (int j = 0; j < keyTime; j++) {
            mask[row + j] = Dropout.keeps(key, AttentionDropout.element(h, j), dropout.threshold()) ? dropout.scale() : 0f;
          }
        }
      }
    }
    return Nd4jOps.fromHost(mask, probabilities.dataType(), probabilities.shape());
  }

  /** Moves between packed rows {@code [tokens, d_model]} and padded heads {@code [sentences * heads, time, head_width]}. */
  private static final class Padding {
    private final Segments segments;
    private final int heads;
    private final int width;
    private final int time;
    /** Of every padded place, the row of {@code [tokens + 1, d_model]} that belongs there; padding takes the last, a row of zeros. */
    private final int[] packedRows;
    /** Of every packed row, its padded place. */
    private final int[] paddedRows;

    Padding(Segments segments, int heads, int dModel) {
      this.segments = segments;
      this.heads = heads;
      this.width = dModel / heads;
      this.time = segments.longest();
      packedRows = new int[segments.sentences() * time];
      paddedRows = new int[segments.tokens()];
      for (int s = 0; s < segments.sentences(); s++) {
        for (int i = 0; i < time; i++) {
          boolean real = i < segments.length(s);
          packedRows[s * time + i] = real ? segments.start(s) + i : segments.tokens();
          if (real) {
            paddedRows[segments.start(s) + i] = s * time + i;
          }
        }
      }
    }

    Segments segments() {
      return segments;
    }

    INDArray toHeads(INDArray rows) {
      INDArray withZeros = Nd4j.concat(0, rows, Nd4j.zeros(rows.dataType(), 1, rows.size(1)));
      INDArray padded = Nd4jOps.gather(withZeros, Nd4j.createFromArray(packedRows),
          Nd4jOps.temporary(rows.dataType(), packedRows.length, rows.size(1)));
      return padded.reshape(segments.sentences(), time, heads, width).permute(0, 2, 1, 3).dup('c')
          .reshape((long) segments.sentences() * heads, time, width);
    }

    INDArray toRows(INDArray byHead) {
      INDArray padded = byHead.reshape(segments.sentences(), heads, time, width).permute(0, 2, 1, 3).dup('c')
          .reshape((long) segments.sentences() * time, (long) heads * width);
      return Nd4jOps.gather(padded, Nd4j.createFromArray(paddedRows),
          Nd4jOps.temporary(byHead.dataType(), segments.tokens(), (long) heads * width));
    }
  }
}

package io.sparkformer.model.kernel.profile;

import io.sparkformer.model.config.Activation;
import io.sparkformer.model.kernel.AttentionKernel;
import io.sparkformer.model.kernel.AttentionWeights;
import io.sparkformer.model.kernel.Dropout;
import io.sparkformer.model.kernel.EmbeddingKernel;
import io.sparkformer.model.kernel.FeedForwardKernel;
import io.sparkformer.model.kernel.FeedForwardWeights;
import io.sparkformer.model.kernel.KeyValueCache;
import io.sparkformer.model.kernel.Kernels;
import io.sparkformer.model.kernel.Masking;
import io.sparkformer.model.kernel.NextTokens;
import io.sparkformer.model.kernel.NormKernel;
import io.sparkformer.model.kernel.OutputKernel;
import io.sparkformer.model.kernel.Pass;
import io.sparkformer.model.kernel.ResidualKernel;
import io.sparkformer.model.kernel.Segments;
import io.sparkformer.model.kernel.Weight;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Kernels that do what others do, and note how long it took. */
public final class ProfiledKernels implements Kernels {
  private static final String EMBEDDING = "embedding";
  private static final String RESIDUAL = "residual, dropout, norm";
  private static final String NORM = "norm";
  private static final String OUTPUT = "output, softmax, loss";

  private final Kernels kernels;
  private final KernelProfile profile;

  public ProfiledKernels(Kernels kernels, KernelProfile profile) {
    this.kernels = kernels;
    this.profile = profile;
  }

  @Override
  public EmbeddingKernel embedding(Weight table, int maxLength, Dropout dropout) {
    EmbeddingKernel kernel = kernels.embedding(table, maxLength, dropout);
    return new EmbeddingKernel() {
      @Override
      public INDArray forward(INDArray ids, Segments segments, Pass pass, LayerWorkspaceMgr memory) {
        return profile.forward(EMBEDDING, () -> kernel.forward(ids, segments, pass, memory));
      }

      @Override
      public void backward(INDArray outputGradient) {
        profile.backward(EMBEDDING, () -> {
          kernel.backward(outputGradient);
          return null;
        });
      }

      @Override
      public INDArray step(INDArray ids, int position, LayerWorkspaceMgr memory) {
        return profile.forward(EMBEDDING, () -> kernel.step(ids, position, memory));
      }
    };
  }

  @Override
  public AttentionKernel attention(AttentionWeights weights, int heads, Masking masking, Dropout dropout) {
    return new ProfiledAttention(kernels.attention(weights, heads, masking, dropout), profile);
  }

  @Override
  public FeedForwardKernel feedForward(FeedForwardWeights weights, Activation activation, Dropout dropout) {
    String kind = "feed-forward";
    FeedForwardKernel kernel = kernels.feedForward(weights, activation, dropout);
    return new FeedForwardKernel() {
      @Override
      public INDArray forward(INDArray x, long firstToken, Pass pass, LayerWorkspaceMgr space) {
        return profile.forward(kind, () -> kernel.forward(x, firstToken, pass, space));
      }

      @Override
      public INDArray backward(INDArray outputGradient, LayerWorkspaceMgr space) {
        return profile.backward(kind, () -> kernel.backward(outputGradient, space));
      }
    };
  }

  @Override
  public ResidualKernel residualNorm(Weight gain, Weight bias, double epsilon, Dropout dropout) {
    return profiled(kernels.residualNorm(gain, bias, epsilon, dropout));
  }

  @Override
  public ResidualKernel residual(Dropout dropout) {
    return profiled(kernels.residual(dropout));
  }

  private ResidualKernel profiled(ResidualKernel kernel) {
    return new ResidualKernel() {
      @Override
      public INDArray forward(INDArray x, INDArray residual, long firstToken, Pass pass, LayerWorkspaceMgr space) {
        return profile.forward(RESIDUAL, () -> kernel.forward(x, residual, firstToken, pass, space));
      }

      @Override
      public Gradients backward(INDArray outputGradient, LayerWorkspaceMgr space) {
        return profile.backward(RESIDUAL, () -> kernel.backward(outputGradient, space));
      }
    };
  }

  @Override
  public NormKernel norm(Weight gain, Weight bias, double epsilon) {
    NormKernel kernel = kernels.norm(gain, bias, epsilon);
    return new NormKernel() {
      @Override
      public INDArray forward(INDArray x, Pass pass, LayerWorkspaceMgr space) {
        return profile.forward(NORM, () -> kernel.forward(x, pass, space));
      }

      @Override
      public INDArray backward(INDArray outputGradient, LayerWorkspaceMgr space) {
        return profile.backward(NORM, () -> kernel.backward(outputGradient, space));
      }
    };
  }

  @Override
  public OutputKernel output(Weight table, double labelSmoothing) {
    OutputKernel kernel = kernels.output(table, labelSmoothing);
    return new OutputKernel() {
      @Override
      public Loss loss(INDArray x, INDArray targets) {
        return profile.forward(OUTPUT, () -> kernel.loss(x, targets));
      }

      @Override
      public Result lossAndGradient(INDArray x, INDArray targets, LayerWorkspaceMgr space) {
        return profile.forward(OUTPUT, () -> kernel.lossAndGradient(x, targets, space));
      }

      @Override
      public INDArray logits(INDArray x, LayerWorkspaceMgr space) {
        return profile.forward(OUTPUT, () -> kernel.logits(x, space));
      }

      @Override
      public NextTokens nextTokens(INDArray x, int k, int endToken) {
        return profile.forward(OUTPUT, () -> kernel.nextTokens(x, k, endToken));
      }
    };
  }

  @Override
  public void parametersChanged() {
    kernels.parametersChanged();
  }

  @Override
  public String description() {
    return kernels.description();
  }

  /** The passes of attention, and its decoding steps. */
  private record ProfiledAttention(AttentionKernel kernel, KernelProfile profile) implements AttentionKernel {
    private static final String KIND = "attention";

    @Override
    public INDArray forward(INDArray query, Segments querySegments, INDArray memory, Segments memorySegments, Pass pass,
        LayerWorkspaceMgr space) {
      return profile.forward(KIND, () -> kernel.forward(query, querySegments, memory, memorySegments, pass, space));
    }

    @Override
    public Gradients backward(INDArray outputGradient, LayerWorkspaceMgr space) {
      return profile.backward(KIND, () -> kernel.backward(outputGradient, space));
    }

    @Override
    public KeyValueCache emptyCache(int rows) {
      return kernel.emptyCache(rows);
    }

    @Override
    public KeyValueCache cacheOf(INDArray memory, Segments segments) {
      return profile.forward(KIND, () -> kernel.cacheOf(memory, segments));
    }

    @Override
    public INDArray stepSelf(INDArray x, KeyValueCache cache, LayerWorkspaceMgr space) {
      return profile.forward(KIND, () -> kernel.stepSelf(x, cache, space));
    }

    @Override
    public INDArray stepCross(INDArray x, KeyValueCache cache, LayerWorkspaceMgr space) {
      return profile.forward(KIND, () -> kernel.stepCross(x, cache, space));
    }
  }
}

package io.sparkformer.model.config;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a network computes from the last stack's output, and the loss of it. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "head")
@JsonSubTypes({
    @JsonSubTypes.Type(value = HeadConfig.Vocabulary.class, name = HeadConfig.Vocabulary.NAME),
    @JsonSubTypes.Type(value = HeadConfig.SequenceClass.class, name = HeadConfig.SequenceClass.NAME),
    @JsonSubTypes.Type(value = HeadConfig.TokenClass.class, name = HeadConfig.TokenClass.NAME),
    @JsonSubTypes.Type(value = HeadConfig.Span.class, name = HeadConfig.Span.NAME)})
public sealed interface HeadConfig {
  /** Unique in a network; labels and losses are named by it. */
  String name();

  HeadConfig withoutDropout();

  /** The same with the plain cross-entropy as loss. */
  default HeadConfig withPlainLoss() {
    return this;
  }

  /** The same with another {@link Vocabulary#zLoss}; other heads have none. */
  default HeadConfig withZLoss(double zLoss) {
    return this;
  }

  /**
   * Scores of every entry of the vocabulary at every token: language models, masked or not.
   *
   * @param table name of the parameter {@code [vocabulary, width]}: an embedding's where the two are tied
   * @param bias of the scores
   * @param scale what the hidden states are multiplied by before the product; T5 with tied embeddings: {@code width^-0.5}
   * @param transform before the product (BERT's prediction head); null for none
   * @param labelSmoothing share of the target probability that is spread evenly over the vocabulary, in [0, 1)
   * @param zLoss see {@code LossTerms}, in the package of kernels; at least 0
   */
  record Vocabulary(String table, Bias bias, double scale, Transform transform, double labelSmoothing, double zLoss)
      implements HeadConfig {
    public static final String NAME = "vocabulary";

    /** Of the scores. */
    public enum Bias {
      NONE, TRAINED,
      /** Added, but never changed: Marian's {@code final_logits_bias}. */
      FROZEN
    }

    public Vocabulary {
      Checks.probability("label-smoothing", labelSmoothing);
      if (!(zLoss >= 0) || Double.isInfinite(zLoss)) {
        throw new IllegalArgumentException("Invalid z-loss: " + zLoss + " (must be >= 0)");
      }
    }

    /** Without z-loss. */
    public Vocabulary(String table, Bias bias, double scale, Transform transform, double labelSmoothing) {
      this(table, bias, scale, transform, labelSmoothing, 0);
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Vocabulary withoutDropout() {
      return this;
    }

    @Override
    public Vocabulary withPlainLoss() {
      return new Vocabulary(table, bias, scale, transform, 0);
    }

    @Override
    public Vocabulary withZLoss(double newZLoss) {
      return new Vocabulary(table, bias, scale, transform, labelSmoothing, newZLoss);
    }
  }

  /**
   * {@code norm(activation(x W^T + b))}, {@code W [width, width]}.
   *
   * @param norm after the activation; null for none
   */
  record Transform(Activation activation, NormConfig norm) {}

  /**
   * A class, or a value, for each sequence: a product over the pooled first token.
   *
   * @param labels number of classes; 1 for a value
   * @param problem what is computed of the product
   * @param pooler {@code activation(x W^T + b)} of the first token before the classifier; null for none
   * @param inputDropout before the pooler (RoBERTa, BART), in [0, 1)
   * @param dropout before the classifier, in [0, 1)
   */
  record SequenceClass(int labels, Problem problem, Activation pooler, double inputDropout, double dropout) implements HeadConfig {
    public static final String NAME = "sequence-class";

    /** What is learnt of a sequence. */
    public enum Problem {
      /** One of several classes; the loss is the cross-entropy of the softmax. */
      SINGLE_LABEL,
      /** A value; the loss is the squared error. */
      REGRESSION
    }

    public SequenceClass {
      Checks.positive("labels", labels);
      // Earlier versions knew classes only, and did not say so.
      problem = problem == null ? Problem.SINGLE_LABEL : problem;
      if (problem == Problem.REGRESSION && labels != 1) {
        throw new IllegalArgumentException("Regression has one value for each sequence, found %d labels".formatted(labels));
      }
      Checks.probability("classifier-dropout", inputDropout);
      Checks.probability("classifier-dropout", dropout);
    }

    /** Nothing is dropped before the pooler: BERT. */
    public SequenceClass(int labels, Problem problem, Activation pooler, double dropout) {
      this(labels, problem, pooler, 0, dropout);
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public SequenceClass withoutDropout() {
      return new SequenceClass(labels, problem, pooler, 0);
    }
  }

  /**
   * One class for each token.
   *
   * @param labels number of classes
   * @param dropout before the classifier, in [0, 1)
   */
  record TokenClass(int labels, double dropout) implements HeadConfig {
    public static final String NAME = "token-class";

    public TokenClass {
      Checks.positive("labels", labels);
      Checks.probability("classifier-dropout", dropout);
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public TokenClass withoutDropout() {
      return new TokenClass(labels, 0);
    }
  }

  /** A span of each sequence: two scores a token, for being its first and its last (Devlin et al. 2019, section 4.2). */
  record Span() implements HeadConfig {
    public static final String NAME = "span";

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public Span withoutDropout() {
      return this;
    }
  }
}

package io.sparkformer.model.benchmark;

/** The layers of a network, and the micro-batch they work on. */
public enum NetworkSize {
  /** The base model of the paper. */
  BASE(512, 8, 2048, 16000, 64),
  SMALL(256, 4, 1024, 8000, 128);

  /** Tokens of a sentence, on average. */
  static final int TIME = 32;

  final int dModel;
  final int heads;
  final int ffn;
  final int vocabulary;
  final int sentences;

  NetworkSize(int dModel, int heads, int ffn, int vocabulary, int sentences) {
    this.dModel = dModel;
    this.heads = heads;
    this.ffn = ffn;
    this.vocabulary = vocabulary;
    this.sentences = sentences;
  }
}

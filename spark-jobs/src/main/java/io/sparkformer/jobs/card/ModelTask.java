package io.sparkformer.jobs.card;

/** What a model is for, by the class of Hugging Face's that its {@code config.json} names. */
enum ModelTask {
  TRANSLATION("translation", "translation", "AutoModelForSeq2SeqLM"),
  TEXT_GENERATION("text-generation", "text generation", "AutoModelForCausalLM"),
  FILL_MASK("fill-mask", "filling in masked words", "AutoModelForMaskedLM"),
  TEXT_CLASSIFICATION("text-classification", "classification of texts", "AutoModelForSequenceClassification"),
  TOKEN_CLASSIFICATION("token-classification", "classification of tokens", "AutoModelForTokenClassification"),
  QUESTION_ANSWERING("question-answering", "answering questions about a text", "AutoModelForQuestionAnswering"),
  FEATURE_EXTRACTION("feature-extraction", "representations of texts", "AutoModel");

  private final String tag;
  private final String words;
  private final String loader;

  ModelTask(String tag, String words, String loader) {
    this.tag = tag;
    this.words = words;
    this.loader = loader;
  }

  static ModelTask of(String architecture) {
    return architecture.endsWith("MTModel") || architecture.endsWith("ForConditionalGeneration") ? TRANSLATION
        : architecture.endsWith("ForCausalLM") || architecture.endsWith("LMHeadModel") ? TEXT_GENERATION
        : architecture.endsWith("ForMaskedLM") ? FILL_MASK
        : architecture.endsWith("ForSequenceClassification") ? TEXT_CLASSIFICATION
        : architecture.endsWith("ForTokenClassification") ? TOKEN_CLASSIFICATION
        : architecture.endsWith("ForQuestionAnswering") ? QUESTION_ANSWERING : FEATURE_EXTRACTION;
  }

  /** Hugging Face's {@code pipeline_tag}. */
  String tag() {
    return tag;
  }

  String words() {
    return words;
  }

  /** The class of Hugging Face's that loads such models. */
  String loader() {
    return loader;
  }
}

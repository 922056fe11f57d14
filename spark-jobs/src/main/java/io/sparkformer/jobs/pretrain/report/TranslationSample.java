package io.sparkformer.jobs.pretrain.report;

import java.io.Serializable;

/** A validation sentence, as the model translates it. */
public record TranslationSample(String source, String translation, String reference) implements Serializable {}

package io.sparkformer.jobs.translate;

import io.sparkformer.model.decode.AlignmentForm;
import java.io.Serializable;

/**
 * What a task reads besides sentences, and tells besides translations.
 *
 * @param given what stands behind sentences; null for nothing
 * @param alignment how alignments are written; null for no alignments
 * @param watchedLayer of the network's decoder, from 1, that alignments and coverage are taken from; 0 where nobody wants them
 */
record TranslationForm(Given given, AlignmentForm alignment, int watchedLayer) implements Serializable {

  /** Sentences in, translations out. */
  static final TranslationForm PLAIN = new TranslationForm(null, null, 0);
}

package io.sparkformer.jobs.translate;

import io.sparkformer.model.decode.AlignmentForm;
import java.io.Serializable;

/**
 * What a task reads besides sentences, and tells besides translations.
 *
 * @param given what stands behind sentences; null for nothing
 * @param alignment how alignments are written; null for no alignments
 * @param unknown what becomes of places where the model knows no token
 * @param watchedLayer of the network's decoder, from 1, that alignments, coverage and copies are taken from; 0 where nobody wants them
 */
record TranslationForm(Given given, AlignmentForm alignment, Unknown unknown, int watchedLayer) implements Serializable {

  /** What becomes of places where the model knows no token: nothing, or what the sentence says there. */
  enum Unknown { LEFT_OUT, COPIED }

  /** Sentences in, translations out. */
  static final TranslationForm PLAIN = new TranslationForm(null, null, Unknown.LEFT_OUT, 0);
}

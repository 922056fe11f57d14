package io.sparkformer.data.corpus;

import java.util.Locale;

/** Why a document is dropped, in the order in which the rules apply. A document is counted under the first rule that it breaks. */
public enum DocumentRule {

  /** Bytes that are not UTF-8. */
  NOT_UTF8,

  /** No text but white space. */
  EMPTY,

  /** The same text as that of an earlier document. Found over all documents. */
  DUPLICATE;

  /** The rule's name in reports and settings. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-').replace("utf8", "utf-8");
  }
}

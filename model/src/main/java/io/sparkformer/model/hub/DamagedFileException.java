package io.sparkformer.model.hub;

/** A file or checkpoint that was cut off, altered or is not of its format; the message is one line: file, expected, found. */
public final class DamagedFileException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public DamagedFileException(String message) {
    super(message);
  }

  public DamagedFileException(String message, Throwable cause) {
    super(message, cause);
  }
}

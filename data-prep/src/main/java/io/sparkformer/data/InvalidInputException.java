package io.sparkformer.data;

/**
 * Input that a user can fix: a missing file, text that is not UTF-8, a corrupt shard, a vocabulary that the corpus cannot give.
 *
 * <p>The message is one readable line that says what is wrong, where, what was found and how to fix it. A program's main prints it
 * as {@code error: <message>} and exits with status 1; everything below main throws.
 */
public final class InvalidInputException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * @param message one line: what, where, found, fix
   */
  public InvalidInputException(String message) {
    super(message);
  }

  /**
   * @param message one line: what, where, found, fix
   * @param cause what a library reported; for the log, so the message must stand without it
   */
  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}

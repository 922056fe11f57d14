package io.sparkformer.model.architecture;

import java.util.List;

/**
 * A tensor of a family's files, and the parameter (or the rows of one) that it is.
 *
 * @param name in the files
 * @param shape in the files
 * @param parameter name in the network
 * @param rows rows of the parameter that the tensor holds, in the tensor's order; null for all of them in theirs. A vector's rows are its
 *     elements
 * @param layout whether the file holds the matrix as the network does, {@code [out, in]}, or transposed
 */
public record TensorMapping(String name, List<Long> shape, String parameter, int[] rows, Layout layout) {
  /** How a matrix lies in the files. */
  public enum Layout {
    AS_IS,
    /** {@code [in, out]}: GPT-2's "Conv1D". */
    TRANSPOSED
  }
}

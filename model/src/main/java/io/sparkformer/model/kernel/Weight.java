package io.sparkformer.model.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One parameter: a view of the flat parameter array, and the view of the flat gradient array that lies at the same place.
 *
 * @param value the parameter, in C order
 * @param gradient same shape; null in a graph that only infers
 */
public record Weight(INDArray value, INDArray gradient) {}

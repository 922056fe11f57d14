package io.sparkformer.model.block;

import io.sparkformer.model.kernel.Segments;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a block reads.
 *
 * @param x {@code [tokens, width]}; of an embedding the ids INT {@code [tokens]}
 * @param other of cross-attention the encoder's output {@code [memory tokens, width]}; of an embedding the token types INT
 *     {@code [tokens]}; null for none
 * @param segments where the sequences of {@code x} begin
 * @param otherSegments where those of the encoder's output begin; null for none
 */
public record Inputs(INDArray x, INDArray other, Segments segments, Segments otherSegments) {}

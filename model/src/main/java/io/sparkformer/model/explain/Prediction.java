package io.sparkformer.model.explain;

/**
 * Something that a head of a network says of what it reads.
 *
 * @param reading what the network reads
 * @param head name of the head
 * @param row of the head's scores; of spans and of classes of sequences 0
 * @param labels the class; of a span the places of its first and its last token
 */
public record Prediction(Reading reading, String head, int row, int... labels) {
}

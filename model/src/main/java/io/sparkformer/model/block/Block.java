package io.sparkformer.model.block;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.sparkformer.model.kernel.Kernels;

/**
 * A box of a network: it says which parameters it has, how much memory it takes, and how it runs. What is connected to what, the graph
 * knows. Records, so that a graph's configuration can be written and read.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "block")
@JsonSubTypes({
    @JsonSubTypes.Type(value = EmbeddingBlock.class, name = "embedding"),
    @JsonSubTypes.Type(value = LayerBlock.class, name = "layer"),
    @JsonSubTypes.Type(value = NormBlock.class, name = "norm"),
    @JsonSubTypes.Type(value = TransformBlock.class, name = "transform"),
    @JsonSubTypes.Type(value = PoolerBlock.class, name = "pooler"),
    @JsonSubTypes.Type(value = DropoutBlock.class, name = "dropout")})
public sealed interface Block extends Parameterized
    permits EmbeddingBlock, LayerBlock, NormBlock, TransformBlock, PoolerBlock, DropoutBlock {
  /** The block over weights, with kernels of its own. */
  Node node(Kernels kernels, Weights weights);
}

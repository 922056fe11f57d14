/**
 * The card of a model: {@code README.md} of its folder in Hugging Face's form (https://huggingface.co/docs/hub/model-cards), YAML front
 * matter for programs, then Markdown for people.
 *
 * <p>In: the settings {@code card.*}, the model's configuration, the manifest of its data, its lineage and its scores.
 * {@link io.sparkformer.jobs.card.ModelCard} (read it first) writes the text, {@link io.sparkformer.jobs.card.FrontMatter} the YAML. What
 * nobody has said is named as not stated.
 */
package io.sparkformer.jobs.card;

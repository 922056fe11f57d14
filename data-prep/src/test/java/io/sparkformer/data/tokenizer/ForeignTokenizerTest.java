package io.sparkformer.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tokenizers of other models, as their {@code tokenizer.json} on the Hub looks, with other special tokens at other places. */
class ForeignTokenizerTest {
  /** Truncation and padding are left in many files of the Hub by their last use. */
  private static final String LENGTHS = """
      "truncation": {"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0},
      "padding": {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0,
        "pad_token": "[PAD]"},
      """;

  @Test
  void wordPieceOfBert() {
    String json = """
        {"version": "1.0", %s "added_tokens": [%s, %s, %s, %s, %s],
         "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null,
           "lowercase": true},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
           "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "[": 5, "sep": 6, "]": 7, "play": 8, "##ing": 9,
             "cat": 10}}}
        """.formatted(LENGTHS, special(0, "[PAD]"), special(1, "[UNK]"), special(2, "[CLS]"), special(3, "[SEP]"), special(4, "[MASK]"));
    try (Tokenizer tokenizer = Tokenizer.parse(json, "test")) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(11);
      assertThat(tokenizer.encode("Playing cat [SEP] playing")).containsExactly(8, 9, 10, 5, 6, 7, 8, 9);
      assertThat(tokenizer.encode("dog")).containsExactly(1);
      assertThat(tokenizer.decode(new int[] {2, 8, 9, 10, 3, 0, 0})).isEqualTo("playing cat");
    }
  }

  @Test
  void unigramOfT5() {
    String json = """
        {"version": "1.0", %s "added_tokens": [%s, %s, %s, %s],
         "normalizer": null,
         "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": true},
         "post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}},
           {"SpecialToken": {"id": "</s>", "type_id": 0}}], "pair": [{"Sequence": {"id": "A", "type_id": 0}},
           {"Sequence": {"id": "B", "type_id": 0}}], "special_tokens": {"</s>": {"id": "</s>", "ids": [1], "tokens": ["</s>"]}}},
         "decoder": {"type": "Metaspace", "replacement": "\u2581", "add_prefix_space": true},
         "model": {"type": "Unigram", "unk_id": 2, "vocab": [["<pad>", 0], ["</s>", 0], ["<unk>", 0], ["\u2581the", -1.0],
           ["\u2581cat", -2.0], ["s", -1.5], ["\u2581", -3.0], ["<extra_id_0>", 0]]}}
        """.formatted(LENGTHS, special(0, "<pad>"), special(1, "</s>"), special(2, "<unk>"), special(7, "<extra_id_0>"));
    try (Tokenizer tokenizer = Tokenizer.parse(json, "test")) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(8);
      assertThat(tokenizer.encode("the cats")).containsExactly(3, 4, 5);
      assertThat(tokenizer.decode(new int[] {0, 3, 4, 5, 1, 7})).isEqualTo("the cats");
    }
  }

  /** Falcon and others add special tokens behind the vocabulary, and tokens that are text after them. */
  @Test
  void byteLevelBpeWithTokensBehindItsVocabulary() {
    String json = """
        {"version": "1.0", %s "added_tokens": [%s, %s, {"id": 6, "content": "<code>", "single_word": false, "lstrip": false,
           "rstrip": false, "normalized": false, "special": false}],
         "normalizer": null,
         "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
         "post_processor": null, "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
         "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "", "end_of_word_suffix": "",
           "fuse_unk": false, "byte_fallback": false, "vocab": {"a": 0, "b": 1, "ab": 2, "<": 3, "|": 4}, "merges": ["a b"]}}
        """.formatted(LENGTHS, special(3, "<"), special(5, "<|end|>"));
    try (Tokenizer tokenizer = Tokenizer.parse(json, "test")) {
      assertThat(tokenizer.vocabularySize()).isEqualTo(7);
      assertThat(tokenizer.encode("ab<code>a")).containsExactly(2, 6, 0);
      assertThat(IntStream.of(tokenizer.encode("a<|end|>")).boxed()).doesNotContain(5);
      assertThat(tokenizer.decode(new int[] {2, 5, 6, 0})).isEqualTo("ab<code>a");
      assertThat(tokenizer.encode(List.of("", "b"))).containsExactly(new int[0], new int[] {1});
    }
  }

  private static String special(int id, String text) {
    return """
        {"id": %d, "content": "%s", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}"""
        .formatted(id, text);
  }
}

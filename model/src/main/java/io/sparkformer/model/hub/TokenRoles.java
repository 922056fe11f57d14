package io.sparkformer.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sparkformer.model.architecture.SpecialTokens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The special tokens of a vocabulary by their roles, as the tokenizer's files beside {@code tokenizer.json} name them. As in Hugging Face's
 * loaders {@code tokenizer_config.json} counts; a {@code special_tokens_map.json} goes before it where it lacks
 * {@code added_tokens_decoder}, as older versions wrote it. A role that neither names has the token of its usual text, if the vocabulary
 * has one.
 */
public final class TokenRoles {
  /** A letter of Unicode that is no letter of the text. */
  private static final char BYTE_LEVEL_SPACE = '\u0120';

  /** What a special token is for. */
  public enum Role {
    PADDING("pad_token", "<pad>", "[PAD]"),
    BEGIN("bos_token", "<s>", "<|endoftext|>"),
    END("eos_token", "</s>", "<|endoftext|>"),
    UNKNOWN("unk_token", "<unk>", "[UNK]"),
    SEPARATOR("sep_token", "[SEP]"),
    CLASSIFIER("cls_token", "[CLS]"),
    MASK("mask_token", "<mask>", "[MASK]");

    private final String key;
    private final List<String> usual;

    Role(String key, String... usual) {
      this.key = key;
      this.usual = List.of(usual);
    }

    /** In the tokenizer's files. */
    String key() {
      return key;
    }
  }

  private final Map<Role, Integer> ids = new EnumMap<>(Role.class);
  private final Map<Role, String> texts = new EnumMap<>(Role.class);
  private final List<Integer> sentinels = new ArrayList<>();
  private final Set<Integer> continuing = new HashSet<>();

  /** Of a model without a tokenizer. */
  TokenRoles() {}

  /**
   * Reads the roles from the files of a folder.
   *
   * @param folder with a {@code tokenizer.json}, or Marian's {@code vocab.json}, and perhaps the others
   * @throws IllegalArgumentException when a file is not JSON, or names a token that the vocabulary lacks
   */
  public static TokenRoles read(FileSystem fileSystem, Path folder) throws IOException {
    JsonNode tokenizer = json(fileSystem, new Path(folder, Companions.TOKENIZER_JSON));
    if (tokenizer.isMissingNode()) {
      tokenizer = ofMarian(fileSystem, folder);
    }
    try {
      return of(tokenizer, json(fileSystem, new Path(folder, Companions.TOKENIZER)),
          json(fileSystem, new Path(folder, Companions.SPECIAL_TOKENS)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(folder + ": " + e.getMessage(), e);
    }
  }

  /** What Marian's folders have instead of a {@code tokenizer.json}: {@code vocab.json}, with the ids of SentencePiece's pieces. */
  private static JsonNode ofMarian(FileSystem fileSystem, Path folder) throws IOException {
    JsonNode vocabulary = json(fileSystem, new Path(folder, "vocab.json"));
    if (vocabulary.isMissingNode() || !fileSystem.exists(new Path(folder, "source.spm"))) {
      throw new IllegalArgumentException(folder + ": no " + Companions.TOKENIZER_JSON + "; vocabularies in other files are not read, but "
          + "for Marian's source.spm with vocab.json: convert them with transformers, "
          + "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)");
    }
    ObjectNode tokenizer = JsonNodeFactory.instance.objectNode();
    tokenizer.putObject("model").set("vocab", vocabulary);
    return tokenizer;
  }

  /**
   * The roles of the tokens of a {@code tokenizer.json}.
   *
   * @param config content of {@code tokenizer_config.json}; a missing node for none
   * @param map content of {@code special_tokens_map.json}; a missing node for none
   */
  static TokenRoles of(JsonNode tokenizer, JsonNode config, JsonNode map) {
    TokenRoles roles = new TokenRoles();
    roles.putPieces(tokenizer);
    boolean mapFirst = !config.has("added_tokens_decoder");
    for (Role role : Role.values()) {
      String text = text(mapFirst ? map : config, role);
      text = text != null ? text : text(mapFirst ? config : map, role);
      if (text != null) {
        Integer id = idOf(tokenizer, text);
        if (id == null) {
          throw new IllegalArgumentException("%s is %s, which the vocabulary of %s lacks".formatted(role.key, text,
              Companions.TOKENIZER_JSON));
        }
        roles.put(role, text, id);
      } else {
        role.usual.stream().filter(usual -> idOf(tokenizer, usual) != null).findFirst()
            .ifPresent(usual -> roles.put(role, usual, idOf(tokenizer, usual)));
      }
    }
    return roles;
  }

  private void put(Role role, String text, int id) {
    texts.put(role, text);
    ids.put(role, id);
  }

  /** The texts of the tokens. */
  Map<Role, String> texts() {
    return texts;
  }

  public OptionalInt id(Role role) {
    return ids.containsKey(role) ? OptionalInt.of(ids.get(role)) : OptionalInt.empty();
  }

  /** The ids of T5's sentinels, {@code <extra_id_0>} first; none of a vocabulary without. */
  public List<Integer> sentinels() {
    return sentinels;
  }

  /**
   * Tokens that go on with a word: those that begin with the prefix of a WordPiece vocabulary ({@code ##}), else those that begin with a
   * letter or digit, and not with what stands for a space ({@code \u2581}, or {@code \u0120} in byte-level vocabularies).
   */
  public Set<Integer> continuing() {
    return continuing;
  }

  private void putPieces(JsonNode tokenizer) {
    for (Integer id = idOf(tokenizer, sentinel(0)); id != null; id = idOf(tokenizer, sentinel(sentinels.size()))) {
      sentinels.add(id);
    }
    JsonNode model = tokenizer.path("model");
    String prefix = model.path("continuing_subword_prefix").asText("");
    Predicate<String> goesOn = model.path("continuing_subword_prefix").isTextual() && !prefix.isEmpty() ? text -> text.startsWith(prefix)
        : text -> !text.isEmpty() && text.charAt(0) != BYTE_LEVEL_SPACE && Character.isLetterOrDigit(text.codePointAt(0));
    JsonNode vocabulary = model.path("vocab");
    vocabulary.fields().forEachRemaining(entry -> putIf(goesOn, entry.getKey(), entry.getValue().asInt()));
    for (int id = 0; vocabulary.isArray() && id < vocabulary.size(); id++) {
      putIf(goesOn, vocabulary.get(id).path(0).asText(), id);
    }
  }

  private void putIf(Predicate<String> goesOn, String text, int id) {
    if (goesOn.test(text)) {
      continuing.add(id);
    }
  }

  private static String sentinel(int number) {
    return "<extra_id_" + number + ">";
  }

  /** The tokens that have a role. */
  public Collection<Integer> all() {
    return ids.values();
  }

  /** What a network's description says of them: texts begin and end with what BERT calls classifier and separator where nothing else. */
  public SpecialTokens tokens() {
    return new SpecialTokens(id(Role.PADDING).orElse(SpecialTokens.NONE),
        id(Role.BEGIN).orElse(id(Role.CLASSIFIER).orElse(SpecialTokens.NONE)),
        id(Role.END).orElse(id(Role.SEPARATOR).orElse(SpecialTokens.NONE)));
  }

  /** A token is a text, or an object with its text and properties. */
  private static String text(JsonNode file, Role role) {
    JsonNode token = file.path(role.key);
    JsonNode text = token.isObject() ? token.path("content") : token;
    return text.isTextual() ? text.asText() : null;
  }

  private static Integer idOf(JsonNode tokenizer, String text) {
    for (JsonNode added : tokenizer.path("added_tokens")) {
      if (added.path("content").asText().equals(text)) {
        return added.path("id").asInt();
      }
    }
    JsonNode vocabulary = tokenizer.path("model").path("vocab");
    if (vocabulary.isObject()) {
      return vocabulary.has(text) ? vocabulary.path(text).asInt() : null;
    }
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.get(id).path(0).asText().equals(text)) {
        return id;
      }
    }
    return null;
  }

  /** The content of a file; a missing node where there is none. */
  static JsonNode json(FileSystem fileSystem, Path file) throws IOException {
    byte[] content = Companions.content(fileSystem, file);
    return content == null ? MissingNode.getInstance() : Companions.parse(content, file);
  }
}

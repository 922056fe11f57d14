package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * A SentencePiece file (Kudo and Richardson 2018) with a unigram model, read as {@code sentencepiece_model.proto} describes it: pieces of
 * text with log-probabilities, and how text is normalized before it is cut into them.
 */
final class SentencePieceModel {

  /** What stands for a space in pieces. */
  static final char SPACE = '\u2581';
  /** Noncharacters of Unicode, never part of a text. */
  private static final String UNSPELLABLE = "\uFFFE\uFFFF\uFFFE";

  /** Fields of {@code ModelProto}. */
  private static final int PIECES = 1;
  private static final int TRAINER = 2;
  private static final int NORMALIZER = 3;
  /** Fields of a piece. */
  private static final int TEXT = 1;
  private static final int SCORE = 2;
  private static final int TYPE = 3;
  /** Fields of {@code TrainerSpec}. */
  private static final int MODEL_TYPE = 3;
  private static final int SPACE_AS_SUFFIX = 24;
  /** Fields of {@code NormalizerSpec}. */
  private static final int CHARACTER_MAP = 2;
  private static final int SPACE_BEFORE_TEXT = 3;
  private static final int REMOVE_SPACES = 4;
  private static final int ESCAPE_SPACES = 5;

  /** Types of pieces. */
  private static final int NORMAL = 1;
  private static final int USER_DEFINED = 4;
  private static final int BYTE = 6;
  private static final int UNIGRAM = 1;

  /** A piece of text that a text may be cut into. */
  private record Piece(String text, float score) { }

  private final List<Piece> pieces = new ArrayList<>();
  private byte[] characterMap = {};
  private boolean spaceBeforeText = true;
  private boolean removesSpaces = true;

  private SentencePieceModel() { }

  /** @throws IllegalArgumentException if the content is no such model, or needs what is not supported */
  static SentencePieceModel parse(byte[] content) {
    SentencePieceModel model = new SentencePieceModel();
    ProtobufFields fields = new ProtobufFields(ByteBuffer.wrap(content));
    while (fields.next()) {
      switch (fields.number()) {
        case PIECES -> model.addPiece(fields.message());
        case TRAINER -> checkTrainer(fields.message());
        case NORMALIZER -> model.readNormalizer(fields.message());
        default -> { }
      }
    }
    if (model.pieces.isEmpty()) {
      throw new IllegalArgumentException("it holds no pieces");
    }
    return model;
  }

  private void addPiece(ProtobufFields fields) {
    String text = "";
    float score = 0;
    long type = NORMAL;
    while (fields.next()) {
      switch (fields.number()) {
        case TEXT -> text = new String(fields.bytes(), StandardCharsets.UTF_8);
        case SCORE -> score = fields.decimal();
        case TYPE -> type = fields.integer();
        default -> { }
      }
    }
    if (type == USER_DEFINED || type == BYTE) {
      throw new IllegalArgumentException("its piece " + text + (type == BYTE ? " is a byte" : " is a symbol defined by its user")
          + ", which is not supported");
    }
    // Text never becomes one of the others: the unknown piece, begin and end.
    if (type == NORMAL) {
      pieces.add(new Piece(text, score));
    }
  }

  private static void checkTrainer(ProtobufFields fields) {
    while (fields.next()) {
      if (fields.number() == MODEL_TYPE && fields.integer() != UNIGRAM) {
        throw new IllegalArgumentException("its model is not of the kind unigram (model_type " + fields.integer() + ")");
      }
      if (fields.number() == SPACE_AS_SUFFIX && fields.integer() != 0) {
        throw new IllegalArgumentException("its pieces end with spaces (treat_whitespace_as_suffix), which is not supported");
      }
    }
  }

  private void readNormalizer(ProtobufFields fields) {
    while (fields.next()) {
      switch (fields.number()) {
        case CHARACTER_MAP -> characterMap = fields.bytes();
        case SPACE_BEFORE_TEXT -> spaceBeforeText = fields.integer() != 0;
        case REMOVE_SPACES -> removesSpaces = fields.integer() != 0;
        case ESCAPE_SPACES -> {
          if (fields.integer() == 0) {
            throw new IllegalArgumentException("its pieces hold plain spaces (escape_whitespaces), which is not supported");
          }
        }
        default -> { }
      }
    }
  }

  /** The {@code tokenizer.json} that cuts text alike; its ids mean nothing, its pieces are the model's. */
  String definition() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("version", "1.0").putNull("truncation").putNull("padding").putArray("added_tokens");
    ArrayNode steps = json.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    if (characterMap.length > 0) {
      steps.addObject().put("type", "Precompiled").put("precompiled_charsmap", Base64.getEncoder().encodeToString(characterMap));
    }
    if (removesSpaces) {
      ObjectNode several = steps.addObject().put("type", "Replace").put("content", " ");
      several.putObject("pattern").put("Regex", " {2,}");
      steps.addObject().put("type", "Strip").put("strip_left", true).put("strip_right", true);
    }
    json.putObject("pre_tokenizer").put("type", "Metaspace").put("replacement", String.valueOf(SPACE))
        .put("prepend_scheme", spaceBeforeText ? "always" : "never").put("split", false);
    json.putNull("post_processor").putNull("decoder");
    ObjectNode model = json.putObject("model").put("type", "Unigram").put("unk_id", 0).put("byte_fallback", false);
    ArrayNode vocabulary = model.putArray("vocab");
    vocabulary.addArray().add(UNSPELLABLE).add(0.0);
    pieces.forEach(piece -> vocabulary.addArray().add(piece.text()).add((double) piece.score()));
    return json.toString();
  }
}

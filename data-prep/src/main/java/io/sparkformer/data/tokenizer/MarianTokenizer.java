package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sparkformer.data.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The tokenizer of Marian's folders as the Hugging Face Hub has them (Helsinki-NLP), which hold no {@code tokenizer.json}: the
 * SentencePiece models {@code source.spm} and {@code target.spm} cut texts of either language into pieces, and {@code vocab.json} has the
 * ids of all pieces, of both languages. As in {@code MarianTokenizer} of transformers, what stands between {@code >>} and {@code <<} at the
 * beginning of a source is one token, the language that a multilingual model is to translate into; elsewhere it is left out.
 */
final class MarianTokenizer implements Tokenizer {

  static final String SOURCE = "source.spm";
  private static final String TARGET = "target.spm";
  private static final String VOCABULARY = "vocab.json";
  private static final String TARGET_VOCABULARY = "target_vocab.json";
  private static final String UNKNOWN = "<unk>";
  private static final Set<String> SPECIAL = Set.of("</s>", "<pad>", UNKNOWN);
  private static final Pattern LANGUAGE = Pattern.compile(">>.+<<", Pattern.UNIX_LINES);

  private final NativeTokenizer library;
  /** Cuts texts in the language of translations; that of the sources where there is no other. */
  private final NativeTokenizer target;
  private final Map<String, Integer> ids;
  private final String[] pieces;
  private final Set<Integer> special = new HashSet<>();

  private MarianTokenizer(NativeTokenizer library, NativeTokenizer target, Map<String, Integer> ids) {
    this.library = library;
    this.target = target;
    this.ids = ids;
    this.pieces = new String[ids.values().stream().mapToInt(id -> id + 1).max().orElse(0)];
    ids.forEach((piece, id) -> pieces[id] = piece);
    SPECIAL.stream().filter(ids::containsKey).map(ids::get).forEach(special::add);
  }

  static boolean isIn(FileSystem files, Path folder) throws IOException {
    return files.exists(new Path(folder, SOURCE)) && files.exists(new Path(folder, VOCABULARY));
  }

  /** @throws InvalidInputException if a file is corrupt, or needs what is not supported */
  static MarianTokenizer read(FileSystem files, Path folder) throws IOException {
    if (files.exists(new Path(folder, TARGET_VOCABULARY))) {
      throw new InvalidInputException(new Path(folder, TARGET_VOCABULARY) + ": models with a vocabulary for each language are not "
          + "supported; take one whose languages share vocab.json");
    }
    Map<String, Integer> ids = vocabulary(files, new Path(folder, VOCABULARY));
    NativeTokenizer source = pieces(files, new Path(folder, SOURCE));
    Path target = new Path(folder, TARGET);
    return new MarianTokenizer(source, files.exists(target) ? pieces(files, target) : source, ids);
  }

  private static NativeTokenizer pieces(FileSystem files, Path model) throws IOException {
    try (InputStream in = files.open(model)) {
      return new NativeTokenizer(SentencePieceModel.parse(in.readAllBytes()).definition());
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(model + " is not a SentencePiece model that can be used: " + NativeTokenizer.oneLine(e), e);
    }
  }

  private static Map<String, Integer> vocabulary(FileSystem files, Path file) throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    try (InputStream in = files.open(file)) {
      for (Map.Entry<String, JsonNode> entry : JsonMapper.builder().build().readTree(in).properties()) {
        if (!entry.getValue().isInt() || entry.getValue().asInt() < 0) {
          throw new InvalidInputException(file + " gives " + entry.getKey() + " the id " + entry.getValue()
              + "; ids are whole numbers from 0");
        }
        ids.put(entry.getKey(), entry.getValue().asInt());
      }
    } catch (JsonProcessingException e) {
      throw new InvalidInputException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
    if (!ids.containsKey(UNKNOWN)) {
      throw new InvalidInputException(file + " has no token " + UNKNOWN);
    }
    return ids;
  }

  @Override
  public List<int[]> encode(List<String> texts) {
    return pieces(texts).stream().map(this::ids).toList();
  }

  @Override
  public List<String[]> pieces(List<String> texts) {
    List<String> plain = new ArrayList<>(texts.size());
    List<String> languages = new ArrayList<>(texts.size());
    for (String text : texts) {
      Matcher language = LANGUAGE.matcher(text);
      languages.add(language.lookingAt() ? language.group() : null);
      plain.add(language.reset().replaceAll(""));
    }
    List<String[]> cut = new ArrayList<>(texts.size());
    library.encodeAsPieces(plain, cut);
    for (int i = 0; i < cut.size(); i++) {
      if (languages.get(i) != null) {
        cut.set(i, Stream.concat(Stream.of(languages.get(i)), Stream.of(cut.get(i))).toArray(String[]::new));
      }
    }
    return cut;
  }

  @Override
  public List<int[]> encodeTarget(List<String> texts) {
    List<String[]> cut = new ArrayList<>(texts.size());
    target.encodeAsPieces(texts, cut);
    return cut.stream().map(this::ids).toList();
  }

  private int[] ids(String[] cut) {
    return Arrays.stream(cut).mapToInt(this::id).toArray();
  }

  private int id(String piece) {
    return ids.getOrDefault(piece, ids.get(UNKNOWN));
  }

  @Override
  public String decode(int[] tokens) {
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      if (token < 0 || token >= pieces.length) {
        throw new IllegalArgumentException("token id must be at least 0 and less than the vocabulary size " + pieces.length + ": found "
            + token);
      }
      if (!special.contains(token) && pieces[token] != null) {
        text.append(pieces[token]);
      }
    }
    return text.toString().replace(SentencePieceModel.SPACE, ' ').strip();
  }

  @Override
  public int vocabularySize() {
    return pieces.length;
  }

  @Override
  public void close() {
    library.close();
    target.close();
  }
}

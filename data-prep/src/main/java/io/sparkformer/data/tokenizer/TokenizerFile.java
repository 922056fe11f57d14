package io.sparkformer.data.tokenizer;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Writes a vocabulary as {@code tokenizer.json}, version 1.0 of Hugging Face's {@code tokenizers}; the package documentation says
 * what it holds. {@link Tokenizer} reads it. The same vocabulary gives the same bytes.
 */
public final class TokenizerFile {

  /** The file's name in a prepared folder and in a model folder. */
  public static final String NAME = "tokenizer.json";

  private static final JsonMapper JSON = new JsonMapper();

  private TokenizerFile() {
  }

  /**
   * Writes the whole file or none: under another name first, then renamed. A file of that name is replaced.
   *
   * @param file on any Hadoop file system; folders on the way are made
   * @throws IOException if the file system fails
   */
  public static void write(Configuration hadoop, Path file, SubwordModel model) throws IOException {
    write(hadoop, file, model, PostProcessor.NONE);
  }

  /** As {@link #write(Configuration, Path, SubwordModel)}, with a post-processor. */
  public static void write(Configuration hadoop, Path file, SubwordModel model, PostProcessor processor) throws IOException {
    write(hadoop, file, json(model, processor));
  }

  /**
   * As {@link #write(Configuration, Path, SubwordModel)}.
   *
   * @param json text of the file
   */
  public static void write(Configuration hadoop, Path file, String json) throws IOException {
    FileSystem files = file.getFileSystem(hadoop);
    Path unfinished = new Path(file.getParent(), "_" + file.getName() + "." + UUID.randomUUID());
    try {
      try (OutputStream out = files.create(unfinished, true)) {
        out.write(json.getBytes(StandardCharsets.UTF_8));
      }
      if (!files.rename(unfinished, file)) {
        files.delete(file, false);
        if (!files.rename(unfinished, file)) {
          throw new IOException("cannot rename " + unfinished + " to " + file);
        }
      }
    } finally {
      files.delete(unfinished, false);
    }
  }

  /** The text of {@code tokenizer.json}, without a post-processor. */
  public static String json(SubwordModel model) {
    return json(model, PostProcessor.NONE);
  }

  /** The text of {@code tokenizer.json}. */
  public static String json(SubwordModel model, PostProcessor processor) {
    DefaultIndenter lines = new DefaultIndenter("  ", "\n");
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator((Writer) text)) {
      json.setPrettyPrinter(new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines));
      json.writeStartObject();
      json.writeStringField("version", "1.0");
      json.writeNullField("truncation");
      json.writeNullField("padding");
      writeSpecialTokens(json);
      model.writePreparation(json);
      writePostProcessor(json, processor);
      model.writeDecoder(json);
      json.writeObjectFieldStart("model");
      model.writeModel(json);
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory cannot fail", e);
    }
    return text.append('\n').toString();
  }

  private static void writeSpecialTokens(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("added_tokens");
    for (SpecialToken token : SpecialToken.values()) {
      json.writeStartObject();
      json.writeNumberField("id", token.id());
      json.writeStringField("content", token.text());
      json.writeBooleanField("single_word", false);
      json.writeBooleanField("lstrip", false);
      json.writeBooleanField("rstrip", false);
      json.writeBooleanField("normalized", false);
      json.writeBooleanField("special", true);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writePostProcessor(JsonGenerator json, PostProcessor processor) throws IOException {
    if (processor == PostProcessor.NONE) {
      json.writeNullField("post_processor");
      return;
    }
    String end = SpecialToken.END.text();
    json.writeObjectFieldStart("post_processor");
    json.writeStringField("type", "TemplateProcessing");
    writeTemplate(json, "single", "A", end);
    writeTemplate(json, "pair", "A", end, "B", end);
    json.writeObjectFieldStart("special_tokens");
    json.writeObjectFieldStart(end);
    json.writeStringField("id", end);
    json.writeArrayFieldStart("ids");
    json.writeNumber(SpecialToken.END.id());
    json.writeEndArray();
    json.writeArrayFieldStart("tokens");
    json.writeString(end);
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndObject();
    json.writeEndObject();
  }

  /** @param pieces special tokens, and names of texts */
  private static void writeTemplate(JsonGenerator json, String field, String... pieces) throws IOException {
    json.writeArrayFieldStart(field);
    for (String piece : pieces) {
      json.writeStartObject();
      json.writeObjectFieldStart(SpecialToken.texts().contains(piece) ? "SpecialToken" : "Sequence");
      json.writeStringField("id", piece);
      json.writeNumberField("type_id", 0);
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}

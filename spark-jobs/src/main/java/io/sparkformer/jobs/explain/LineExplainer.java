package io.sparkformer.jobs.explain;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkformer.data.InvalidInputException;
import io.sparkformer.data.corpus.NormalizedText;
import io.sparkformer.data.tokenizer.InputEncoder;
import io.sparkformer.data.tokenizer.TokenTexts;
import io.sparkformer.data.tokenizer.Tokenizer;
import io.sparkformer.jobs.config.ExplainSettings;
import io.sparkformer.jobs.explain.ExplainedLine.NamedText;
import io.sparkformer.jobs.explain.ExplainedLine.TokenMaps;
import io.sparkformer.jobs.explain.ExplainedLine.WeighedPrediction;
import io.sparkformer.jobs.model.ModelLocation;
import io.sparkformer.jobs.translate.SourcePrefix;
import io.sparkformer.model.config.HeadConfig;
import io.sparkformer.model.config.NetworkConfig;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.ControlTokens;
import io.sparkformer.model.decode.DecodingOptions;
import io.sparkformer.model.decode.Session;
import io.sparkformer.model.explain.AttentionMap;
import io.sparkformer.model.explain.Explainer;
import io.sparkformer.model.explain.Prediction;
import io.sparkformer.model.explain.Predictions;
import io.sparkformer.model.explain.Reading;
import io.sparkformer.model.explain.Saliency;
import io.sparkformer.model.hub.GenerationConfig;
import io.sparkformer.model.hub.HubFolder;
import io.sparkformer.model.hub.TokenRoles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Explains lines of text with one model; used by one thread at a time. */
final class LineExplainer implements AutoCloseable {

  private final ExplainSettings settings;
  private final Explainer explainer;
  private final NetworkConfig network;
  private final JsonNode configJson;
  private final Tokenizer tokenizer;
  private final InputEncoder encoder;
  private final TokenTexts texts;
  private final TokenRoles roles;
  private final GenerationConfig generation;
  private final String prefix;

  /** Reads the model and its tokenizer. */
  LineExplainer(ModelLocation model, ExplainSettings settings) throws IOException {
    HubFolder folder = HubFolder.open(model.hadoop(), model.folders().get(0));
    this.settings = settings;
    this.roles = folder.roles();
    this.configJson = folder.config().json();
    this.explainer = new Explainer(folder.config().network());
    folder.readInto(explainer.model());
    this.network = explainer.model().config();
    if (network.isEncoderDecoder() && !speaks()) {
      throw new InvalidInputException("The model %s has an encoder and a decoder, but no head that says tokens: nothing of it can be "
          .formatted(model) + "explained; give a model with its head, such as T5ForConditionalGeneration");
    }
    this.generation = network.decoder() == null ? null : model.generation();
    this.prefix = network.isEncoderDecoder() ? SourcePrefix.of("explain.prefix", settings.prefix(), configJson) : "";
    this.texts = TokenTexts.load(model.hadoop(), model.tokenizer());
    this.tokenizer = Tokenizer.load(model.hadoop(), model.tokenizer());
    this.encoder = InputEncoder.load(model.hadoop(), model.tokenizer());
  }

  /** Whether the model says text, so that a target may stand for it. */
  boolean speaks() {
    return network.decoder() != null && network.heads().stream().anyMatch(HeadConfig.Vocabulary.class::isInstance);
  }

  /**
   * Explains a line.
   *
   * @param target what the model is taken to say of it; empty for what it says itself
   * @return empty for a line without text
   * @throws InvalidInputException the line or its target is too long
   */
  Optional<ExplainedLine> explain(long number, String line, Optional<String> target) {
    String text = NormalizedText.of(line);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(network.isEncoderDecoder() ? ofPair(number, text, target)
        : network.decoder() != null ? ofContinuation(number, text, target) : ofText(number, text));
  }

  private ExplainedLine ofPair(long number, String text, Optional<String> target) {
    ControlTokens control = generation.control();
    int[] ids = tokenizer.encode(prefix + text);
    int[] source = checked("line " + number + " of " + settings.input(), with(ids, control.end()));
    int[] said = target.map(given -> checked("line " + number + " of " + settings.target().orElseThrow(),
        with(tokenizer.encode(NormalizedText.of(given)), control.end()))).orElseGet(() -> greedy(ids));
    List<Prediction> predictions = Predictions.ofTarget(source, control.begin(), said);
    return explained(number, List.of(new NamedText("Input", prefix + text), said(target, tokenizer.decode(said))), predictions,
        predictions.get(0).reading());
  }

  private ExplainedLine ofContinuation(long number, String text, Optional<String> target) {
    String place = "line " + number + " of " + settings.input();
    int[] prompt = checked(place, encode(text));
    NamedText input = new NamedText("Input", text);
    if (!speaks()) {
      return explained(number, List.of(input), List.of(), Reading.ofDecoder(prompt));
    }
    int[] whole = target.map(given -> checked(place + " with its target", encode(text + " " + NormalizedText.of(given))))
        .orElseGet(() -> join(prompt, greedy(prompt)));
    int known = Math.max(1, Math.min(common(prompt, whole), whole.length - 1));
    return explained(number, List.of(input, said(target, tokenizer.decode(Arrays.copyOfRange(whole, known, whole.length)))),
        Predictions.ofContinuation(whole, known), Reading.ofDecoder(whole));
  }

  private ExplainedLine ofText(long number, String text) {
    Reading reading = Reading.ofEncoder(checked("line " + number + " of " + settings.input(), encode(text)));
    List<Prediction> predictions = network.heads().isEmpty() ? List.of() : Predictions.ofHead(explainer.model(), network.heads().get(0),
        reading, new HashSet<>(roles.all()), roles.id(TokenRoles.Role.MASK));
    return explained(number, List.of(new NamedText("Input", text)), predictions, reading);
  }

  private static NamedText said(Optional<String> target, String text) {
    return new NamedText(target.isPresent() ? "Output, as given" : "Output of the model, greedy search", text);
  }

  private int[] encode(String text) {
    return encoder.encode(List.of(text), Integer.MAX_VALUE).get(0).ids();
  }

  /** What the model says, with the end token unless it was cut off. */
  private int[] greedy(int[] input) {
    ControlTokens control = generation.control();
    int room = Math.min(settings.maxNewTokens(), network.isEncoderDecoder() ? longest() - 1 : longest() - input.length);
    if (room < 1) {
      return new int[0];
    }
    try (Session session = new Session(explainer.model(), control)) {
      int[] said = new BeamSearch(session, new DecodingOptions(1, 0, 1, 0, room, generation.rules()), control)
          .translate(List.of(input)).get(0).get(0).tokens();
      return said.length < room ? with(said, control.end()) : said;
    }
  }

  private ExplainedLine explained(long number, List<NamedText> named, List<Prediction> predictions, Reading reading) {
    List<String> encoderTokens = tokens(reading.encoder());
    List<String> decoderTokens = tokens(reading.decoder());
    List<TokenMaps> attention = new ArrayList<>();
    List<AttentionMap> maps = explainer.attention(reading);
    for (AttentionMap.Kind kind : AttentionMap.Kind.values()) {
      List<float[][][]> layers = maps.stream().filter(map -> map.kind() == kind).map(AttentionMap::weights).toList();
      if (!layers.isEmpty()) {
        attention.add(new TokenMaps(title(kind), kind == AttentionMap.Kind.ENCODER_SELF ? encoderTokens : decoderTokens,
            kind == AttentionMap.Kind.DECODER_SELF ? decoderTokens : encoderTokens, layers));
      }
    }
    List<String> read = new ArrayList<>(encoderTokens);
    read.addAll(decoderTokens);
    return new ExplainedLine(number, named, attention, predictions.stream().map(this::weighed).toList(), read);
  }

  private static String title(AttentionMap.Kind kind) {
    return switch (kind) {
      case ENCODER_SELF -> "Encoder self-attention";
      case DECODER_SELF -> "Decoder self-attention";
      case CROSS -> "Cross-attention";
    };
  }

  private WeighedPrediction weighed(Prediction prediction) {
    Saliency saliency = explainer.saliency(prediction);
    float[] encoderPart = saliency.encoder() == null ? new float[0] : saliency.encoder();
    float[] decoderPart = saliency.decoder() == null ? new float[0] : saliency.decoder();
    float[] all = Arrays.copyOf(encoderPart, encoderPart.length + decoderPart.length);
    System.arraycopy(decoderPart, 0, all, encoderPart.length, decoderPart.length);
    return new WeighedPrediction(text(prediction), Math.exp(saliency.logProbability()), all);
  }

  private String text(Prediction prediction) {
    int label = prediction.labels()[0];
    return switch (prediction.head()) {
      case HeadConfig.Vocabulary.NAME -> texts.of(label);
      case HeadConfig.Span.NAME -> String.join(" ", tokens(prediction.reading().encoder()).subList(label, prediction.labels()[1] + 1));
      case HeadConfig.SequenceClass.NAME -> className(label);
      default -> texts.of(prediction.reading().encoder()[prediction.row()]) + ": " + className(label);
    };
  }

  private String className(int label) {
    return configJson.path("id2label").path(Integer.toString(label)).asText("LABEL_" + label);
  }

  private List<String> tokens(int[] ids) {
    return ids == null ? List.of() : IntStream.of(ids).mapToObj(texts::of).toList();
  }

  private int longest() {
    return Math.min(settings.maxTokens(), network.maxLength());
  }

  private int[] checked(String place, int[] ids) {
    if (ids.length > longest()) {
      throw new InvalidInputException("%s has %d tokens, and the longest that can be explained has %d (%s); shorten it".formatted(place,
          ids.length, longest(), network.maxLength() <= settings.maxTokens() ? "the model's longest" : "explain.max-tokens"));
    }
    if (ids.length == 0) {
      throw new InvalidInputException(place + " has no tokens: the tokenizer makes nothing of its text");
    }
    return ids;
  }

  /** How many tokens both begin with. */
  private static int common(int[] one, int[] other) {
    int mismatch = Arrays.mismatch(one, other);
    return mismatch < 0 ? one.length : mismatch;
  }

  private static int[] with(int[] tokens, int last) {
    return join(tokens, new int[] {last});
  }

  private static int[] join(int[] one, int[] other) {
    return IntStream.concat(IntStream.of(one), IntStream.of(other)).toArray();
  }

  @Override
  public void close() {
    tokenizer.close();
    encoder.close();
  }
}

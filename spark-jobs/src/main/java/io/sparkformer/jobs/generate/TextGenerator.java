package io.sparkformer.jobs.generate;

import io.sparkformer.data.tokenizer.InputEncoder;
import io.sparkformer.jobs.model.SharedModel;
import io.sparkformer.jobs.sentence.Sentence;
import io.sparkformer.model.decode.BeamSearch;
import io.sparkformer.model.decode.Hypothesis;
import io.sparkformer.model.decode.SampledText;
import io.sparkformer.model.decode.Sampling;
import io.sparkformer.model.decode.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Continues prompts on one thread: encodes them, searches, and decodes what was found. */
final class TextGenerator implements AutoCloseable {
  /** Tokens of a prompt with which its continuation is decoded, so that a space between both is kept. */
  private static final int CONTEXT = 8;

  private final SharedModel lender;
  private final PromptedModel model;
  private final GenerationOptions options;
  private final Session session;
  private final StopTexts stops;

  /** Borrows a network of the model until it is closed. */
  TextGenerator(SharedModel lender, PromptedModel model, GenerationOptions options) {
    this.lender = lender;
    this.model = model;
    this.options = options;
    this.session = lender.session(model.control());
    this.stops = new StopTexts(options.stop());
  }

  /**
   * A prompt as the network reads it.
   *
   * @param tokens at least one of a decoder by itself
   * @param kept special tokens at the beginning
   */
  private record Prompt(Sentence sentence, int[] tokens, int kept, boolean isCut, boolean isEmpty, boolean hasUnknown) { }

  /** Continues prompts; one result for each, in their order. */
  List<Continuations> generate(List<Sentence> sentences) {
    List<Prompt> prompts = encode(sentences);
    return options.beams() == null ? sample(prompts, text -> { }) : searchBeams(prompts);
  }

  /**
   * Continues one prompt.
   *
   * @param growing gets the text as far as it is certain, after every token, where there is one text and beam search does not make it
   */
  Continuations generate(Sentence sentence, Consumer<String> growing) {
    if (options.beams() != null || options.samples() > 1) {
      return generate(List.of(sentence)).get(0);
    }
    return sample(encode(List.of(sentence)), text -> {
      String whole = text(text.prompt(), text.newTokensCopy());
      // The bytes of a character may be those of several tokens.
      int end = whole.endsWith("\uFFFD") ? whole.length() - 1 : whole.length();
      growing.accept(whole.substring(0, Math.min(stops.settled(whole.substring(0, end)), stops.find(whole))));
    }).get(0);
  }

  private List<Prompt> encode(List<Sentence> sentences) {
    List<String> texts = sentences.stream().map(Sentence::text).toList();
    List<Prompt> prompts = new ArrayList<>(texts.size());
    int longest = session.limits().maxInput();
    if (model.isEncoderDecoder()) {
      List<int[]> encoded = lender.tokenizer().encode(texts);
      for (int i = 0; i < texts.size(); i++) {
        int[] ids = encoded.get(i);
        prompts.add(new Prompt(sentences.get(i), ids.length > longest ? Arrays.copyOf(ids, longest) : ids, 0, ids.length > longest,
            ids.length == 0, hasUnknown(ids)));
      }
      return prompts;
    }
    List<InputEncoder.Encoded> encoded = lender.encoder().encode(texts, Integer.MAX_VALUE);
    for (int i = 0; i < texts.size(); i++) {
      int[] ids = encoded.get(i).ids();
      int special = ids.length - encoded.get(i).textTokens();
      int[] tokens = ids.length == 0 ? new int[] {model.control().begin()} : ids;
      prompts.add(new Prompt(sentences.get(i), tokens, special, ids.length > longest, encoded.get(i).textTokens() == 0, hasUnknown(ids)));
    }
    return prompts;
  }

  private boolean hasUnknown(int[] ids) {
    return Arrays.stream(ids).anyMatch(id -> id == model.unknown());
  }

  private List<Continuations> sample(List<Prompt> prompts, Consumer<SampledText> growing) {
    Sampling sampling = new Sampling(session, options.sampling(), options.rules(), model.control(), options.seed());
    List<SampledText> texts = prompts.stream()
        .flatMap(prompt -> IntStream.range(0, options.samples()).mapToObj(sample -> text(prompt, sample))).toList();
    for (int from = 0; from < texts.size(); from += options.batchSize()) {
      sampling.generate(texts.subList(from, Math.min(texts.size(), from + options.batchSize())), text -> {
        growing.accept(text);
        return stopsHere(text);
      });
    }
    return IntStream.range(0, prompts.size()).mapToObj(i -> continuations(prompts.get(i),
        texts.subList(i * options.samples(), (i + 1) * options.samples()).stream().map(SampledText::newTokensCopy).toList())).toList();
  }

  private SampledText text(Prompt prompt, int sample) {
    long row = prompt.sentence().number();
    return model.isEncoderDecoder()
        ? SampledText.answer(prompt.tokens(), model.control().begin(), row, sample, options.maxNewTokens())
        : SampledText.continuation(prompt.tokens(), prompt.kept(), row, sample, options.maxNewTokens());
  }

  private boolean stopsHere(SampledText text) {
    if (stops.areNone()) {
      return false;
    }
    String newest = decode(text.lastNewTokens(stops.tokens()));
    return stops.find(newest) < newest.length();
  }

  private List<Continuations> searchBeams(List<Prompt> prompts) {
    BeamSearch search = new BeamSearch(session, options.beams(), model.control());
    int together = Math.max(1, options.batchSize() / options.beams().beam());
    List<Continuations> continuations = new ArrayList<>(prompts.size());
    for (int from = 0; from < prompts.size(); from += together) {
      List<Prompt> batch = prompts.subList(from, Math.min(prompts.size(), from + together));
      List<List<Hypothesis>> found = search.translate(batch.stream().map(prompt ->
          SampledText.window(prompt.tokens(), prompt.kept(), options.maxNewTokens(), session.limits().maxInput())).toList());
      for (int i = 0; i < batch.size(); i++) {
        continuations.add(continuations(batch.get(i), found.get(i).stream().map(Hypothesis::tokens).toList()));
      }
    }
    return continuations;
  }

  private Continuations continuations(Prompt prompt, List<int[]> found) {
    List<String> texts = found.stream().map(tokens -> text(prompt.tokens(), tokens)).map(text -> text.substring(0, stops.find(text)))
        .toList();
    int read = Math.min(prompt.tokens().length, session.limits().maxInput());
    return new Continuations(texts, read, found.stream().mapToLong(ids -> ids.length).sum(), prompt.isCut(), prompt.isEmpty(),
        prompt.hasUnknown());
  }

  /** The text of new tokens. Where a prompt goes on, what both say together, without what the prompt says: decoders of text begin a word
   * otherwise than they go on. */
  private String text(int[] prompt, int[] tokens) {
    if (!model.isEncoderDecoder()) {
      int[] before = Arrays.copyOfRange(prompt, Math.max(0, prompt.length - CONTEXT), prompt.length);
      int[] both = Arrays.copyOf(before, before.length + tokens.length);
      System.arraycopy(tokens, 0, both, before.length, tokens.length);
      String start = decode(before);
      String whole = decode(both);
      if (whole.startsWith(start)) {
        return whole.substring(start.length());
      }
    }
    return decode(tokens);
  }

  /** A network may have more entries than its tokenizer; they stand for no text. */
  private String decode(int[] tokens) {
    int vocabulary = lender.tokenizer().vocabularySize();
    return lender.tokenizer().decode(Arrays.stream(tokens).filter(token -> token < vocabulary).toArray());
  }

  @Override
  public void close() {
    session.close();
  }
}

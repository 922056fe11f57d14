package io.sparkformer.data.tokenizer;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import ai.djl.util.Utils;
import io.sparkformer.data.InvalidInputException;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;

/**
 * One tokenizer inside the native library, and the only class that touches DJL.
 *
 * <p>It calls DJL's native interface rather than {@code HuggingFaceTokenizer}, which fetches ten arrays for each sentence where ids
 * are wanted, and reports its use to a server. The library itself is unpacked once per user from the jar to
 * {@code ~/.djl.ai/tokenizers} (environment {@code ENGINE_CACHE_DIR}: another folder), safely when several processes start at once;
 * DJL runs in its offline mode meanwhile, so that it takes the CPU library of the jar on machines with GPUs too.
 */
final class NativeTokenizer implements AutoCloseable {

  private static final String OFFLINE = "ai.djl.offline";
  /** Sentences encoded in one call: the library holds all their encodings at once. */
  private static final int BATCH = 1024;

  private final ReadWriteLock open = new ReentrantReadWriteLock();
  private long handle;

  /**
   * @param json a whole {@code tokenizer.json}
   * @throws IllegalArgumentException if the library does not understand it
   */
  NativeTokenizer(String json) {
    loadLibrary();
    try {
      handle = TokenizersLibrary.LIB.createTokenizerFromString(json);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Appends the ids of each text to {@code ids}, in order. */
  void encode(List<String> texts, List<int[]> ids) {
    inBatches(texts, false, encoding -> ids.add(toInts(TokenizersLibrary.LIB.getTokenIds(encoding))));
  }

  /** Appends the pieces of each text to {@code pieces}, in order: of known ones their entry of the vocabulary, else the text itself. */
  void encodeAsPieces(List<String> texts, List<String[]> pieces) {
    inBatches(texts, false, encoding -> pieces.add(TokenizersLibrary.LIB.getTokens(encoding)));
  }

  /** Receives the tokens of a text, special ones included. */
  @FunctionalInterface
  interface Tokens {
    /** @param special 1 for tokens that were added to the text, else 0 */
    void accept(int[] ids, int[] special);
  }

  /** Gives the ids of each text, with the special tokens that the tokenizer adds, in order. */
  void encodeWithSpecialTokens(List<String> texts, Tokens tokens) {
    inBatches(texts, true, encoding -> tokens.accept(toInts(TokenizersLibrary.LIB.getTokenIds(encoding)),
        toInts(TokenizersLibrary.LIB.getSpecialTokenMask(encoding))));
  }

  /** Receives the tokens of two texts, special ones included. */
  @FunctionalInterface
  interface PairTokens {
    /**
     * @param types the type of each token
     * @param texts 0 for tokens of the first text, 1 for those of the second, negative for special tokens that were added
     */
    void accept(int[] ids, int[] types, int[] texts);
  }

  /** Gives the ids of two texts each, with the special tokens that the tokenizer puts around and between them, in order. */
  void encodePairs(List<String> firsts, List<String> seconds, PairTokens tokens) {
    inBatches(firsts.size(), (from, to) -> TokenizersLibrary.LIB.batchEncodePair(handle, wellFormed(firsts.subList(from, to)),
        wellFormed(seconds.subList(from, to)), true), encoding -> tokens.accept(toInts(TokenizersLibrary.LIB.getTokenIds(encoding)),
        toInts(TokenizersLibrary.LIB.getTypeIds(encoding)), toInts(TokenizersLibrary.LIB.getSequenceIds(encoding))));
  }

  private void inBatches(List<String> texts, boolean withSpecialTokens, LongConsumer encodingOfText) {
    inBatches(texts.size(), (from, to) -> TokenizersLibrary.LIB.batchEncode(handle, wellFormed(texts.subList(from, to)),
        withSpecialTokens), encodingOfText);
  }

  /** Encodes the texts {@code [from, to)}. */
  @FunctionalInterface
  private interface EncodingCall {
    long[] encode(int from, int to);
  }

  private void inBatches(int texts, EncodingCall call, LongConsumer encodingOfText) {
    open.readLock().lock();
    try {
      checkOpen();
      for (int from = 0; from < texts; from += BATCH) {
        encodeBatch(call.encode(from, Math.min(texts, from + BATCH)), encodingOfText);
      }
    } finally {
      open.readLock().unlock();
    }
  }

  private static void encodeBatch(long[] encodings, LongConsumer encodingOfText) {
    try {
      for (long encoding : encodings) {
        encodingOfText.accept(encoding);
      }
    } finally {
      for (long encoding : encodings) {
        TokenizersLibrary.LIB.deleteEncoding(encoding);
      }
    }
  }

  private static String[] wellFormed(List<String> texts) {
    return texts.stream().map(WellFormedText::of).toArray(String[]::new);
  }

  /** For each token of a text, the number of the pre-tokenizer's word that it is part of. */
  long[] wordOfToken(String text) {
    open.readLock().lock();
    try {
      checkOpen();
      long encoding = TokenizersLibrary.LIB.encode(handle, WellFormedText.of(text), false);
      try {
        return TokenizersLibrary.LIB.getWordIds(encoding);
      } finally {
        TokenizersLibrary.LIB.deleteEncoding(encoding);
      }
    } finally {
      open.readLock().unlock();
    }
  }

  /** Text of ids, all of the vocabulary; bytes that are not UTF-8 become U+FFFD. */
  String decode(long[] ids) {
    open.readLock().lock();
    try {
      checkOpen();
      return TokenizersLibrary.LIB.decode(handle, ids, true);
    } finally {
      open.readLock().unlock();
    }
  }

  @Override
  public void close() {
    open.writeLock().lock();
    try {
      if (handle != 0) {
        TokenizersLibrary.LIB.deleteTokenizer(handle);
        handle = 0;
      }
    } finally {
      open.writeLock().unlock();
    }
  }

  private void checkOpen() {
    if (handle == 0) {
      throw new IllegalStateException("the tokenizer is closed");
    }
  }

  /** The message of a failure, in one line. */
  static String oneLine(Exception e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
  }

  private static int[] toInts(long[] ids) {
    int[] result = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      result[i] = (int) ids[i];
    }
    return result;
  }

  private static synchronized void loadLibrary() {
    String before = System.getProperty(OFFLINE);
    System.setProperty(OFFLINE, "true");
    try {
      LibUtils.checkStatus();
    } catch (EngineException | LinkageError e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new InvalidInputException("cannot load the native tokenizer library of DJL from " + Utils.getEngineCacheDir("tokenizers")
        + " (" + reason.getMessage() + "): files there must be writable and executable; the environment variable "
        + "ENGINE_CACHE_DIR names another folder", e);
    } finally {
      if (before == null) {
        System.clearProperty(OFFLINE);
      } else {
        System.setProperty(OFFLINE, before);
      }
    }
  }
}

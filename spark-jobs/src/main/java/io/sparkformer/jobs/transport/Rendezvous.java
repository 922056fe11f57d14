package io.sparkformer.jobs.transport;

/** Lets the workers of a run find each other: each gives a line of text and receives the lines of all, in rank order. Waits for all. */
@FunctionalInterface
public interface Rendezvous {
  String[] gather(String own);
}

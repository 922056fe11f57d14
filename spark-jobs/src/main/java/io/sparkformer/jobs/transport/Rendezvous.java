package io.sparkformer.jobs.transport;

/** How the workers of a run find each other: each gives a line of text and gets those of all, in rank order. Waits for all of them. */
@FunctionalInterface
public interface Rendezvous {
  String[] gather(String own);
}

package io.sparkformer.jobs.history;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the workers' time went, over all starts of a run, by rank. */
public final class WorkerTotals {
  private final List<Map<String, Double>> seconds = new ArrayList<>();
  private List<String> places = List.of();
  private int threads;
  private double coreSeconds;
  private double joules;
  private boolean measured = true;

  void start(JsonNode line) {
    List<String> names = new ArrayList<>();
    line.path("places").forEach(place -> names.add(place.asText()));
    places = names;
    threads = line.path("threads").asInt();
  }

  void add(JsonNode line) {
    double duration = line.path("seconds").asDouble();
    JsonNode shares = line.path("shares");
    for (int rank = 0; rank < shares.size(); rank++) {
      if (seconds.size() == rank) {
        seconds.add(new LinkedHashMap<>());
      }
      Map<String, Double> ofRank = seconds.get(rank);
      shares.get(rank).properties().forEach(share -> ofRank.merge(share.getKey(), duration * share.getValue().asDouble(), Double::sum));
    }
    coreSeconds += duration * shares.size() * threads;
    measured &= line.has("joules");
    joules += line.path("joules").asDouble();
  }

  /** Seconds in each phase, by rank. */
  public List<Map<String, Double>> seconds() {
    return List.copyOf(seconds);
  }

  /** Where each rank ran, in the last start. */
  public List<String> places() {
    return List.copyOf(places);
  }

  /** Of each worker, in the last start. */
  public int threads() {
    return threads;
  }

  /** Seconds of training times the threads that had them. */
  public double coreSeconds() {
    return coreSeconds;
  }

  /** What the machines' counters say; NaN where one could not be read. */
  public double joules() {
    return measured ? joules : Double.NaN;
  }
}

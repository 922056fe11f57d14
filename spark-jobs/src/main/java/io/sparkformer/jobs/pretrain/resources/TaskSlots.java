package io.sparkformer.jobs.pretrain.resources;

import io.sparkformer.data.InvalidInputException;
import io.sparkformer.jobs.config.TrainSettings;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/**
 * The tasks that Spark can run at the same time: every worker needs one, all at once. Executors register one after another after the
 * driver has started, and a lost one is replaced after a while, so that callers may have to wait for slots.
 */
public final class TaskSlots implements AutoCloseable {
  /** Where nothing says how many executors there will be: how long their number must stay the same. */
  private static final Duration SETTLED = Duration.ofSeconds(10);

  private final SparkContext spark;
  private final SparkConf conf;
  private final Duration timeout;
  private final Consumer<String> out;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final SparkListener listener = new SparkListener() {
    @Override
    public void onExecutorAdded(SparkListenerExecutorAdded added) {
      signal();
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
      signal();
    }
  };

  /**
   * @param timeout longest wait
   * @param out gets a line when there is something to wait for
   */
  public TaskSlots(SparkContext spark, Duration timeout, Consumer<String> out) {
    this.spark = spark;
    this.conf = spark.getConf();
    this.timeout = timeout;
    this.out = out;
    if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new InvalidInputException("spark.dynamicAllocation.enabled is true, but training needs all its executors to the end; set it to "
          + "false");
    }
    spark.addSparkListener(listener);
  }

  /** How many slots there are now. */
  public int count() {
    return spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile());
  }

  /** The largest number of these workers that may share a process: all in local mode, else as many as an executor has slots. */
  public int largestShare(int workers) {
    if (spark.isLocal()) {
      return workers;
    }
    int executors = Math.max(1, spark.getExecutorMemoryStatus().size() - 1);
    int slots = conf.contains("spark.executor.cores")
        ? conf.getInt("spark.executor.cores", 1) / conf.getInt("spark.task.cpus", 1)
        : (count() + executors - 1) / executors;
    return Math.min(workers, Math.max(1, slots));
  }

  /**
   * Decides how many workers there will be, and waits for their slots.
   *
   * @param workers as set; may be {@link TrainSettings#WORKERS_AUTO}
   * @throws InvalidInputException when there are too few slots
   */
  public int awaitWorkers(int workers) {
    int promised = promised();
    if (workers == TrainSettings.WORKERS_AUTO && promised == 0) {
      return awaitSettled();
    }
    int wanted = workers == TrainSettings.WORKERS_AUTO ? promised : workers;
    if (promised > 0 && promised < wanted) {
      throw tooFew(wanted, promised, "");
    }
    await(wanted);
    return wanted;
  }

  /** Waits until there are so many slots. */
  public void await(int wanted) {
    int now = count();
    if (now < wanted) {
      if (spark.isLocal()) {
        throw tooFew(wanted, now, "");
      }
      out.accept("waiting for %d task slots, there are %d".formatted(wanted, now));
      if (!until(() -> count() >= wanted, timeout)) {
        throw tooFew(wanted, count(), " after " + timeout.toMillis() / 1000.0 + " s (train.start-timeout)");
      }
    }
  }

  /** The number of slots that follows from Spark's settings; 0 where none does. */
  private int promised() {
    int taskCpus = conf.getInt("spark.task.cpus", 1);
    if (spark.isLocal()) {
      return count();
    }
    if (conf.contains("spark.executor.instances")) {
      return conf.getInt("spark.executor.instances", 0) * (conf.getInt("spark.executor.cores", 1) / taskCpus);
    }
    return 0;
  }

  private int awaitSettled() {
    await(1);
    int slots = count();
    while (true) {
      int before = slots;
      if (!until(() -> count() != before, SETTLED)) {
        return Math.max(1, slots);
      }
      slots = count();
    }
  }

  private InvalidInputException tooFew(int wanted, int found, String when) {
    return new InvalidInputException(("train.workers is %d, but Spark has %d task slots%s; lower it, or give more cores "
        + "(--master local[%d], or more executors)").formatted(wanted, found, when, wanted));
  }

  private boolean until(BooleanSupplier condition, Duration wait) {
    lock.lock();
    try {
      long nanos = wait.toNanos();
      while (!condition.getAsBoolean()) {
        if (nanos <= 0) {
          return false;
        }
        // Spark may count an executor a moment after it has told of it.
        long slice = Math.min(nanos, TimeUnit.SECONDS.toNanos(1));
        nanos -= slice - changed.awaitNanos(slice);
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for task slots", e);
    } finally {
      lock.unlock();
    }
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    spark.removeSparkListener(listener);
  }
}

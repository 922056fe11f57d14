/**
 * Where the workers' time goes. A worker's {@link io.sparkformer.jobs.trace.PhaseClock} (read it first) is in one
 * {@link io.sparkformer.jobs.trace.Phase} at a time; {@link io.sparkformer.jobs.trace.TimedTransport} switches it while the worker sends
 * or waits. The first worker collects everybody's times in {@link io.sparkformer.jobs.trace.StepTimes}, which says what share each phase
 * took and whom the others wait for, and on request writes a {@link io.sparkformer.jobs.trace.ChromeTrace}.
 * {@link io.sparkformer.jobs.trace.EnergyMeter} reads what a machine's processors take.
 */
package io.sparkformer.jobs.trace;

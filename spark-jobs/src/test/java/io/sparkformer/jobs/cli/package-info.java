/** Tests of the command line: exit status, the one line of a failure, flags. */
package io.sparkformer.jobs.cli;

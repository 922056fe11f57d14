/** Tests of tables in files. */
package io.sparkformer.jobs.table;

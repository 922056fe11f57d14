package io.sparkformer.model;

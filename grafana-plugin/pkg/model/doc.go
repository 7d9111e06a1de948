// Package model is what the data source is asked and how it is set up: queries and settings, read from JSON, checked, and
// brought into one canonical form, so that equal questions are recognized as equal.
package model

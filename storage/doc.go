// Package storage keeps tables on disk, column by column, in badger.
//
// A committed batch is durable and visible at once: it is an entry of a
// table's tail. Tails are sealed into extents of up to a million rows, in
// which every column is one chunk: a sorted dictionary and codes for strings,
// frame of reference for numbers. A manifest lists the chunks of an extent
// with their checksums and the range of values of each column.
//
//	key.go                    every key
//	wire.go section.go        checksums, numbers and byte strings as bytes
//	column.go dict.go         a column in memory
//	fromarrow.go toarrow.go   to and from Arrow
//	chunk.go bitpack.go       a column as bytes
//	follow.go                 columns that others tell
//	zone.go                   what is known of a column unread; pruning
//	tail.go extent.go         rows as they came; sealed rows
//	prepare.go commit.go      a batch on its way to disk
//	hidden.go                 what is too large for one transaction; garbage
//	seal.go build.go merge.go tail to extent
//	scan.go task.go cache.go  reading
//	ahead.go                  asking the disk before reading
//	verify.go                 the check of everything
//
// docs/storage.md describes the format.
package storage

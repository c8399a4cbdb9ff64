// Package ingest reads what agents and Azure write and stores it as rows.
//
// Load is the way in. It finds out the format of the input from its content
// (Formats), cuts the input into records, decodes them on all cores, and
// commits batch after batch in the order of the input. Memory is bounded by
// the size of a batch, however large the input is. docs/formats.md tells how
// the fields of each format map to columns.
//
// # Records that cannot be read
//
// A bad record never stops a load. It is counted by the class of the reason,
// written to Options.Rejects with line, offset and reason, and the load goes
// on. What is wrong with the input as a whole (an unknown format, a broken
// archive, a CSV header that names columns the table lacks) is an error.
// A value that its column cannot hold makes its record bad: null in its place
// would hide that something is wrong. A field that has no column goes to
// AdditionalFields.
//
// # Rows that come twice
//
// Rows of the built-in tables are recognised by EventId, which is Azure's
// _ItemId, or what the format gives in its place: a digest of the item for OMS
// messages. A row whose EventId is stored already is counted and left out,
// whether its twin came in the same load, in one before, or years ago: for
// each day of TimeGenerated the marks hold a 64-bit hash of each EventId
// (8 bytes a row), and change in the same commit as the rows. Two EventIds of
// one day with the same hash would lose a row: with ten million rows a day
// that is a chance of 3 in a million. A row that comes again with another
// TimeGenerated is taken for another row.
//
// Rows without EventId are recognised by where they come from. LoadFile keeps
// how far a text has been loaded in marks that change with the rows; a text is
// known by its content, so that a file that was renamed, copied or packed is not
// loaded twice, and one that has grown is loaded from where it ended. Of what
// comes from elsewhere, such as standard input, rows without EventId are stored
// each time, unless Options.DedupWindow asks to leave out those that equal one
// of the last hours.
//
// # Tables that are emptied
//
// All this holds as long as the rows are there. When a table is dropped or
// emptied, ids go with it, and positions and lists, which name the epochs of
// the tables that they gave rows to, hold no longer: LoadFile loads the text
// again, for these tables. What is followed goes on where it was.
//
// # Loads at the same time
//
// A Loader holds what the loads into a database share. A batch claims the
// EventIds that it stores and the lists that it changes until it has been
// committed; a batch that fails gives them back. See claim.
package ingest

package adapt

// What a run writes, in bytes a piece, as measured on runs of the demo: roughly,
// for names differ in length.
const (
	indexEntry  = 400     // of a clip in a shard's index and in the list of files
	clipRow     = 150     // of a clip in the ledger's list of a run
	prediction  = 120     // of a test clip and what a result says of it
	resultRows  = 600     // of a result's metrics, and of its line in the log of events
	walLimit    = 4 << 20 // SQLite copies its write-ahead log into the ledger at a thousand pages
	logOddBytes = 4       // of a class, where a clip may be of several
)

// shardBytes is what the embeddings of n clips take.
func (r *run) shardBytes(n int) int64 { return int64(n) * int64(4*r.x.info.Dim+indexEntry) }

// resultBytes is what the ledger keeps of one result: mostly what was said of
// each test clip of a site.
func (r *run) resultBytes() int64 {
	tests := len(r.data.labelled(r.data.rows(func(item Item) bool { return item.Split == Test }))) / max(1, len(r.data.Sites))
	each := prediction
	if r.data.Multi {
		each += logOddBytes * len(r.data.Classes)
	}
	return int64(tests)*int64(each) + resultRows
}

// ledgerBytes is what the ledger takes beside results: the run's list of clips,
// and its write-ahead log while the run is at work. A result is written whole
// before that is copied back.
func (r *run) ledgerBytes() int64 {
	return int64(len(r.data.Items))*clipRow + walLimit + r.resultBytes()
}

// Package lists reads lists of clips: tables of one's own, published data
// sets, exports of labelling tools. A list goes in, in whichever format and
// encoding it is; out comes a Listing of clips whose files exist, each once,
// with labels and parts spelt one way, and an account of what was left out.
//
// It opens no video and knows nothing of plans, sites or models. What is wrong
// with a list is a fault.Input that names file and line.
package lists

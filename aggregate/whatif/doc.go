// Package whatif says what requests would gain if something in them were faster (ANALYSES A13).
//
//	one request ─▶ Frame (spans cut to what can delay the request) ─▶ Slack, Drag: how much later it may, how
//	                                                                  much earlier it need end
//	requests + order.Model ─▶ Retimer.Retime ─▶ their durations if an operation took longer or shorter
//	                       ─▶ Retimer.Without ─▶ what they gain if some calls had not been made, failed ones say
//
// An operation made faster runs its own time by a factor: the time in which it waits for none of its children,
// who take as long as before. Everything else follows from what waits for it:
//
//   - A call moves with the last of its siblings that had ended when it began, if no request of the model
//     contradicts that order, by as much as the end of all that it is known to wait for moves. The pause between
//     them stays, but for the parent's own time in it where the parent is made faster.
//   - A call whose order is in doubt stays where it is, and so does the end of a parent whose last child is one
//     that outlives its parent at times: predictions are rather too small than too large.
//   - What seems to be a wrapper of a call beside it ends with that call (Frame).
//   - A parent ends as long after the last child that it waits for as it did.
//   - No request gains more than what the operation's own time on its critical path shrinks by.
//
// Sources: the retiming of Google's calligator and CRISP (mutation of one span at a time, there), and CRISP's
// drag. What is said of a single trace assumes that all that began after something had ended waited for it.
package whatif

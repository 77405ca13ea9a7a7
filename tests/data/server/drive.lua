-- Neovim 0.7 or later, without windows: open a file, see what is found, apply the preferred fix, save, leave.
-- What was seen goes to $ALLOCLINT_REPORT as JSON.
local report = { found = {}, left = {} }
local exit_code = nil
local patience = 60000

vim.opt.swapfile = false
vim.cmd("edit " .. vim.fn.fnameescape(vim.env.ALLOCLINT_FILE))

local id = vim.lsp.start_client({
  name = "alloclint",
  cmd = vim.fn.json_decode(vim.env.ALLOCLINT_SERVER),
  root_dir = vim.env.ALLOCLINT_ROOT,
  workspace_folders = { { uri = vim.uri_from_fname(vim.env.ALLOCLINT_ROOT), name = "project" } },
  on_exit = function(code) exit_code = code end,
})
vim.lsp.buf_attach_client(0, id)

local function messages()
  return vim.tbl_map(function(one) return { code = one.code, line = one.lnum, message = one.message } end, vim.diagnostic.get(0))
end

vim.wait(patience, function() return #vim.diagnostic.get(0) > 0 end, 20)
report.found = messages()

local client = vim.lsp.get_client_by_id(id)
local first = vim.diagnostic.get(0)[1]
vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })
local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
params.context = { diagnostics = { first.user_data.lsp and vim.tbl_extend("keep", first.user_data.lsp, {
  range = params.range, message = first.message }) or nil } }
local answers = vim.lsp.buf_request_sync(0, "textDocument/codeAction", params, patience)
report.titles = vim.tbl_map(function(one) return one.title end, answers[id].result)
for _, action in ipairs(answers[id].result) do
  if action.isPreferred then
    vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
    break
  end
end
vim.wait(patience, function() return #vim.diagnostic.get(0) == 0 end, 20)
report.left = messages()
vim.cmd("write")

client.stop()
vim.wait(patience, function() return exit_code ~= nil end, 20)
report.exit_code = exit_code
local file = io.open(vim.env.ALLOCLINT_REPORT, "w")
file:write(vim.fn.json_encode(report))
file:close()
vim.cmd("qall!")

// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// A token with the habits of Tether's: six decimals, transfers that return nothing, a pause and a blacklist; and, once it is set, with those
/// of tokens that take a fee on transfers. For tests only.
contract TestToken {
    string public constant name = "Test USD";
    string public constant symbol = "TUSD";
    uint8 public constant decimals = 6;

    address public immutable owner = msg.sender;
    uint256 public totalSupply;
    bool public paused;
    uint256 public feePercent;
    bool public feeIsTold;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => bool) public isBlackListed;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    modifier onlyOwner() {
        require(msg.sender == owner);
        _;
    }

    function mint(address to, uint256 value) external onlyOwner {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    function setPaused(bool value) external onlyOwner {
        paused = value;
    }

    function setBlackListed(address account, bool value) external onlyOwner {
        isBlackListed[account] = value;
    }

    /// Takes a part of every transfer, which the transfer's event does not say; told, the fee has an event of its own.
    function setFee(uint256 percent, bool isTold) external onlyOwner {
        feePercent = percent;
        feeIsTold = isTold;
    }

    function approve(address spender, uint256 value) external {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
    }

    function transfer(address to, uint256 value) external {
        move(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) external {
        allowance[from][msg.sender] -= value;
        move(from, to, value);
    }

    function move(address from, address to, uint256 value) private {
        // Like Tether's: no reason is given.
        require(!paused && !isBlackListed[from] && !isBlackListed[to]);
        balanceOf[from] -= value;
        uint256 fee = value * feePercent / 100;
        balanceOf[to] += value - fee;
        emit Transfer(from, to, value);
        if (fee == 0) return;
        balanceOf[owner] += fee;
        if (feeIsTold) emit Transfer(to, owner, fee);
    }
}
